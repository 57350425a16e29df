"""The policies said a second time, as a table of plain predicates (access.md 3 and 4): a question in, a verdict out.

Evaluated without Cedar: where the two differ, one of them is wrong.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from random import Random
from typing import Any

from authz.policy_set import NOT_PERMITTED, Policies, Question, Verdict

FULL, MASK, EXISTS = "read.full", "read.mask", "read.exists"
FORMS = (FULL, MASK, EXISTS)
LABELS = (
    "DVLA.VEH S0", "DVLA.KEEPER S1", "DVLA.IMG S3", "DVLA.IMG S4", "DVLA.MED S3", "PNC.VEH.REPORT S1", "NRMP S1",
    "PNC.NAMES.CORE S1", "PNC.NAMES.WARN S2", "PNC.NAMES.CRIM S3", "PNC.NAMES.NONCONV S3", "PND.INT S4", "PND.NOM S4",
    "AUD.LOG S1", "AUD.LOG S2", "AUD.LOG S4",
)  # fmt: skip
KINDS = ("police_territorial", "commercial_dsa", "training", "inspectorate")
ROLES = ("detective", "dpo", "inspector")
PARTNERS = ("safeguarding_partner", "local_authority", "commercial_dsa", "government", "regulator", "international")
CASE_ROLES = ("detective", "custody", "disclosure_officer", "bureau_update")
ROW_KINDS = ("police_territorial", "training", *PARTNERS)
ROW_ROLES = (
    *CASE_ROLES, "dpo", "intel_manager", "mobile_officer", "supervisor", "auditor_local", "psd_investigator",
    "auditor_national", "inspector",
)  # fmt: skip
LOOKING_EVERYWHERE = ("auditor_national", "inspector")
LOOKING_BEYOND_THEIR_UNIT = ("auditor_local", "dpo", "psd_investigator", *LOOKING_EVERYWHERE)
LOOKING_BEYOND_THEMSELVES = ("supervisor", *LOOKING_BEYOND_THEIR_UNIT)
SILENT_RULES = ("protected-record", "blocked-report", "former-name")
ROW_RULES = (
    *SILENT_RULES, "own-record", "high-profile", "restricted-record", "training-record", "live-record", "other-area",
    "child-offender", "handling-condition", "victim-address", "few-people", "another-operator", "another-unit",
    "another-organisation", "own-request", "never-heard-of",
)  # fmt: skip
ROW, SEARCH, LOOK_UP, CHANGE = "row", "search", "look-up", "change"
SERVICE = {SEARCH: "Service", LOOK_UP: "Service", CHANGE: "Service", ROW: "RowRule"}
EXCEEDED = ("usersExceeded", "requestsExceeded", "wildcards", "neighboursExceeded", "lookupsExceeded")
GUARDS = ("vettingSuffices", "agreementInForce", "agreementHolds", "agreementCovers", "systemApproved")


@dataclass(frozen=True, slots=True)
class Point:
    """One question with everything a policy may look at."""

    action: str
    label: str
    kind: str
    role: str
    facts: dict[str, Any]

    @property
    def dataset(self) -> str:
        """The label's dataset."""
        return self.label.partition(" ")[0]

    @property
    def sensitivity(self) -> str:
        """The label's sensitivity."""
        return self.label.partition(" ")[2]

    @property
    def may_be_whole(self) -> bool:
        """A masked form of what has no mask is the whole value, if the agreement names the field."""
        return not self.facts["hasMask"] and self.facts["agreementNames"]

    def height(self, table: str) -> int:
        """How much `matrix` or `entitlement` opens: 0 nothing, 1 that it exists, 2 masked, 3 all."""
        return self.facts[table]


Says = Callable[[Point], bool]


def _trained(point: Point) -> bool:
    return not point.facts["trainingMissing"]


def _opens(table: str) -> Says:
    return lambda p: {
        FULL: p.height(table) == 3 or (p.height(table) == 2 and p.may_be_whole),
        MASK: p.height(table) >= 2 and (table == "entitlement" or p.facts["hasMask"]),
        EXISTS: p.height(table) >= 1,
    }[p.action]


_matrix, _entitled = _opens("matrix"), _opens("entitlement")


def _masked_without_a_mask(p: Point) -> bool:
    return not p.facts["hasMask"] and min(p.height("matrix"), p.height("entitlement")) == 2


# What is refused, by the policy that says so.
REFUSED: dict[str, Says] = {
    "P01.context": lambda p: bool(p.facts["statementsMissing"]),
    "P02.standing": lambda p: p.facts["standing"] != "ACTIVE",
    "P02.vetting": lambda p: not p.facts["vettingSuffices"],
    "P02.training": lambda p: not _trained(p) and p.dataset != "DVLA.IMG" and p.sensitivity != "S4",
    "P03.in-force": lambda p: not p.facts["agreementInForce"],
    "P03.cover": lambda p: p.facts["agreementHolds"] and not p.facts["agreementCovers"],
    "P03.conditions": lambda p: not p.facts["agreementHolds"],
    "P04.system": lambda p: not p.facts["systemApproved"],
    "P05.less-than-full": lambda p: p.action == FULL and not _matrix(p),
    "P05.less-than-mask": lambda p: p.action == MASK and not _matrix(p),
    "P05.no-mask": lambda p: p.action == EXISTS and _masked_without_a_mask(p),
    "P05.closed": lambda p: p.action == EXISTS and not _matrix(p),
    "P06.sealed": lambda p: p.sensitivity == "S4" and p.height("entitlement") == 0,
    "P06.full": lambda p: p.action == FULL and not _entitled(p),
    "P06.mask": lambda p: p.action == MASK and not _entitled(p),
    "P06.exists": lambda p: p.action == EXISTS and not _entitled(p),
    "P07.medical": lambda p: p.dataset == "DVLA.MED",
    "P07.image-training": lambda p: p.dataset == "DVLA.IMG" and not _trained(p),
    "P07.image-reason": lambda p: p.dataset == "DVLA.IMG" and p.facts["reason"] not in ("1", "4", "5"),
    "P08.person": lambda p: p.dataset == "DVLA.KEEPER" and p.kind == "commercial_dsa",
    "P06.ledger-sealed": lambda p: p.label == "AUD.LOG S4" and (p.role, p.kind) != ("inspector", "inspectorate"),
    "P06.ledger-subject": lambda p: p.label == "AUD.LOG S2" and p.role != "dpo",
    "P09.administration": lambda p: _administrative(p) and p.dataset not in ("PNC.NAMES.CRIM", "PNC.NAMES.NONCONV"),
}


def _administrative(p: Point) -> bool:
    return p.sensitivity == "S3" and p.facts["reason"] == "6"


def _partner_report(p: Point) -> bool:
    return p.kind == "commercial_dsa" and p.dataset == "PNC.VEH.REPORT"


def _all_of(p: Point) -> bool:
    return p.action == FULL and p.height("matrix") == 3


def _referred(p: Point) -> bool:
    return p.action == EXISTS and p.role == "dpo"


# What is permitted where nothing refuses it, by every policy that is named for it.
PERMITTED: dict[str, Says] = {
    "P05.full": lambda p: p.action == FULL,
    "P05.mask": lambda p: p.action == MASK,
    "P05.exists": lambda p: p.action == EXISTS,
    "P08.report": lambda p: p.action == MASK and _partner_report(p),
    "P08.check": lambda p: _all_of(p) and _partner_report(p),
    "P09.sensitive": lambda p: _all_of(p) and p.sensitivity == "S3",
    "P09.safety": lambda p: _all_of(p) and p.dataset == "PNC.NAMES.WARN",
    "P11.full": lambda p: _all_of(p) and p.dataset in ("NRMP", "PNC.NAMES.CORE"),
    "P11.mask": lambda p: p.action == MASK and p.dataset == "NRMP",
    "P11.exists": lambda p: p.action == EXISTS and p.dataset == "NRMP",
    "P12.review": lambda p: _all_of(p) and p.role == "dpo" and p.facts["purpose"] == "CO2",
    "P12.referral": lambda p: _referred(p) and p.facts["purpose"] == "CO2",
    "P13.full": lambda p: _all_of(p) and p.dataset == "PND.INT",
    "P13.referral": lambda p: _referred(p) and p.dataset == "PND.INT",
    "P18.training": lambda p: _all_of(p) and p.kind == "training" and p.facts["purpose"] == "TR1",
}


# The same of rows, of searches and of look-ups, by the rule's name or by what was asked.
REFUSED_ROWS: dict[str, Says] = {
    "P06.another-operator": lambda p: p.label == "another-operator" and p.role not in LOOKING_BEYOND_THEMSELVES,
    "P06.another-unit": lambda p: p.label == "another-unit" and p.role not in LOOKING_BEYOND_THEIR_UNIT,
    "P06.another-organisation": lambda p: p.label == "another-organisation" and p.role not in LOOKING_EVERYWHERE,
    "P06.own-request": lambda p: p.label == "own-request",
    "P10.silent": lambda p: p.label in SILENT_RULES,
    "P11.area": lambda p: p.label == "other-area" and p.kind == "safeguarding_partner",
    "P11.child-offender": lambda p: p.label == "child-offender" and p.kind in PARTNERS,
    "P12.address": lambda p: p.label == "victim-address" and p.role not in CASE_ROLES,
    "P13.condition": lambda p: p.label == "handling-condition" and p.role != "intel_manager",
    "P14.count": lambda p: p.label == "few-people",
    "P15.own-record": lambda p: p.label == "own-record",
    "P15.notice": lambda p: p.label == "high-profile",
    "P16.restricted": lambda p: p.label == "restricted-record" and p.role != "dpo",
    "P18.training-record": lambda p: p.label == "training-record" and p.kind != "training",
    "P18.live-record": lambda p: p.label == "live-record" and p.kind == "training",
}
PERMITTED_ROWS: dict[str, Says] = {
    "P06.entries": lambda p: p.label in ("another-operator", "another-unit", "another-organisation"),
    "P11.rows": lambda p: p.label in ("other-area", "child-offender"),
    "P12.rows": lambda p: p.label == "victim-address",
    "P13.rows": lambda p: p.label == "handling-condition",
    "P16.rows": lambda p: p.label == "restricted-record",
    "P18.rows": lambda p: p.label in ("training-record", "live-record"),
}
REFUSED_ASKING: dict[str, Says] = {
    "P03.user-cap": lambda p: p.action == LOOK_UP and p.facts["usersExceeded"],
    "P03.day-cap": lambda p: p.action == LOOK_UP and p.facts["requestsExceeded"],
    "P14.wildcard": lambda p: p.action == LOOK_UP and p.facts["wildcards"],
    "P14.enumeration": lambda p: p.action == LOOK_UP and p.facts["neighboursExceeded"],
    "P14.burst": lambda p: p.action == LOOK_UP and p.facts["lookupsExceeded"],
    "P02.check-name": lambda p: p.action == CHANGE and not p.facts["checkNameAgrees"],
    "P16.due": lambda p: p.action == CHANGE and not p.facts["due"],
    "P17.version": lambda p: p.action == CHANGE and not p.facts["versionAgrees"],
    "P17.stale": lambda p: p.action == CHANGE and p.facts["lagSeconds"] > 120,
    "P17.pending": lambda p: p.action == CHANGE and p.facts["pending"],
    "P14.rows": lambda p: p.action == SEARCH and p.facts["rows"] > 200,
}
PERMITTED_ASKING: dict[str, Says] = {
    "P14.search": lambda p: p.action == SEARCH,
    "P17.change": lambda p: p.action == CHANGE,
    "P14.look-up": lambda p: p.action == LOOK_UP,
}
TABLES = {
    **dict.fromkeys(FORMS, (REFUSED, PERMITTED)),
    ROW: (REFUSED_ROWS, PERMITTED_ROWS),
    **dict.fromkeys((SEARCH, LOOK_UP, CHANGE), (REFUSED_ASKING, PERMITTED_ASKING)),
}


def expected(point: Point) -> Verdict:
    """The verdict of the table, its policies in the order of their names."""
    refused, permitted = TABLES[point.action]
    if refusing := tuple(name for name, says in refused.items() if says(point)):
        return Verdict(False, refusing)
    permitting = tuple(name for name, says in permitted.items() if says(point))
    return Verdict(bool(permitting) or point.action in FORMS, permitting or (NOT_PERMITTED,))


def finite_points() -> Iterator[Point]:
    """Every question there is beside those of reading: rows, searches, look-ups."""
    for kind, role in product(ROW_KINDS, ROW_ROLES):
        yield from (Point(ROW, rule, kind, role, {}) for rule in ROW_RULES)
    for exceeded in product((False, True), repeat=len(EXCEEDED)):
        yield Point(LOOK_UP, "graph", "training", "dpo", dict(zip(EXCEEDED, exceeded, strict=True)))
    for agrees, version, pending, due, lag in product(*(4 * ((False, True),)), (0, 119, 120, 121)):
        facts = {"checkNameAgrees": agrees, "versionAgrees": version, "pending": pending, "due": due, "lagSeconds": lag}
        yield Point(CHANGE, "graph", "training", "dpo", facts)
    yield from (Point(SEARCH, "graph", "training", "dpo", {"rows": rows}) for rows in (0, 199, 200, 201, 5_000))


def points(random: Random, count: int) -> Iterator[Point]:
    """Random questions of callers who mostly lack nothing, or one or two things."""
    for _ in range(count):
        lacking = random.sample((*GUARDS, "statements", "standing", "training"), random.choice((0, 0, 0, 0, 1, 2)))
        facts: dict[str, Any] = {guard: guard not in lacking for guard in GUARDS}
        facts |= {
            "statementsMissing": ["X-Leds-Reference-Id"] if "statements" in lacking else [],
            "standing": "SUSPENDED" if "standing" in lacking else "ACTIVE",
            "trainingMissing": ["COP"] if "training" in lacking else [],
            "reason": random.choice(("1", "4", "5", "6", "8")),
            "purpose": random.choice(("LE2", "CO2", "TR1")),
            "route": "DIRECT",
            "matrix": random.choice((0, 1, 2, 3, 3)),
            "entitlement": random.choice((0, 1, 2, 3, 3)),
            "hasMask": random.random() < 0.5,
            "agreementNames": random.random() < 0.5,
        }
        yield Point(random.choice(FORMS), random.choice(LABELS), random.choice(KINDS), random.choice(ROLES), facts)


def disagreement(policies: Policies, asked: Sequence[Point]) -> str | None:
    """The first question that the policies answer otherwise than the table, in words."""
    for kind, role in sorted({(point.kind, point.role) for point in asked}):
        some = [point for point in asked if (point.kind, point.role) == (kind, role)]
        questions = [
            Question("ORG-ASKING", point.action, point.label, point.facts, SERVICE.get(point.action, "Label"))
            for point in some
        ]
        verdicts = policies.ask(questions, policies.entities(_entities(kind, role)))
        for point, verdict in zip(some, verdicts, strict=True):
            wanted = expected(point)
            if (verdict.permitted, set(verdict.policies)) != (wanted.permitted, set(wanted.policies)):
                return f"{verdict} instead of {wanted} for {point}"
    return None


def _entities(kind: str, role: str) -> list[dict[str, Any]]:
    labels = [(label, *label.split()) for label in LABELS]
    return [
        *(
            {
                "uid": {"type": "Label", "id": label},
                "attrs": {"dataset": dataset, "sensitivity": sensitivity},
                "parents": [{"type": "Dataset", "id": dataset}],
            }
            for label, dataset, sensitivity in labels
        ),
        {
            "uid": {"type": "Caller", "id": "ORG-ASKING"},
            "attrs": {"organisation": "ORG-ASKING", "organisationKind": kind},
            "parents": [{"type": "Role", "id": role}],
        },
    ]
