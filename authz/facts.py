"""The access tables as frozen facts: who exists, who agreed to what, and what each reason and role opens.

In: the CSV files of `authz/data` or another directory. Out: `Facts`, versioned by the bytes' hash. Never decides.
"""

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import TypeAlias

from authz.decision import Form
from authz.errors import InvalidFacts

Row: TypeAlias = Mapping[str, str]
ANY = "*"

TABLES = (
    "access_routes",
    "agreements",
    "datasets",
    "entitlements",
    "lawful_purposes",
    "mask_types",
    "organisations",
    "policing_to_reason_map",
    "reason_codes",
    "reason_dataset",
    "systems",
    "training_modules",
    "user_roles",
    "vetting_levels",
)


@dataclass(frozen=True, slots=True)
class Dataset:
    """One unit of separation. `sealed`: what it refuses is answered as absence (S4 and PND), see access.md 3.1."""

    code: str
    label: str
    owner: str
    floor: str
    sealed: bool


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """The highest form a (reason, purpose, dataset) opens for these organisation kinds and, if any, roles."""

    kinds: frozenset[str]
    roles: frozenset[str]
    form: Form


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What one role may see of one dataset, or of the named fields of it. `mask` replaces the field's own mask."""

    fields: frozenset[str]
    form: Form
    mask: str | None
    scope: str
    training: frozenset[str]


@dataclass(frozen=True, slots=True)
class Agreement:
    """The agreement an organisation works under: datasets, fields (or `*`), the conditions it holds for, and how many
    users and requests a day each organisation may have (None: no cap)."""

    id: str
    organisations: frozenset[str]
    datasets: frozenset[str]
    fields: frozenset[str]
    purposes: frozenset[str]
    reasons: frozenset[str]
    routes: frozenset[str]
    start: date
    end: date | None
    state: str
    user_cap: int | None = None
    day_cap: int | None = None

    def in_force(self, on: date) -> bool:
        """Whether the agreement holds on that day (dates inclusive)."""
        return self.state == "IN_FORCE" and self.start <= on and (self.end is None or on <= self.end)

    def binds(self, organisation: "Organisation") -> bool:
        """Whether this organisation is a party to it."""
        named = ANY in self.organisations or organisation.id in self.organisations
        return named and organisation.agreement == self.id


@dataclass(frozen=True, slots=True)
class Organisation:
    """One user organisation of the public list."""

    id: str
    name: str
    kind: str
    agreement: str


@dataclass(frozen=True, slots=True)
class RequiredHeader:
    """One statement a reason requires; `routes` empty means on every route."""

    statement: str
    routes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason code with the purposes it may carry and the headers it requires (access.md 2.1)."""

    code: str
    label: str
    purposes: frozenset[str]
    required: tuple[RequiredHeader, ...]


@dataclass(frozen=True, slots=True)
class Vetting:
    """One vetting level: whether it suffices to enquire and to update, and for which organisation kinds (or `all`)."""

    code: str
    enquiry: bool
    update: bool
    kinds: frozenset[str]

    def suffices(self, organisation_kind: str, *, write: bool) -> bool:
        """Whether a holder in such an organisation may enquire, or update when `write`."""
        return (self.update if write else self.enquiry) and ("all" in self.kinds or organisation_kind in self.kinds)


@dataclass(frozen=True, slots=True)
class System:
    """One connecting system and what it is approved for (P04)."""

    name: str
    organisations: frozenset[str]
    datasets: frozenset[str]
    routes: frozenset[str]
    state: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Every access table, indexed as the decision asks for it; equal when `version` is.

    `entitled_fields`: the coordinates that any entitlement names; all others share the row of their dataset.
    """

    version: str
    datasets: Mapping[str, Dataset] = field(compare=False)
    matrix: Mapping[tuple[str, str, str], tuple[MatrixRow, ...]] = field(compare=False)
    entitlements: Mapping[tuple[str, str], tuple[Entitlement, ...]] = field(compare=False)
    agreements: Mapping[str, Agreement] = field(compare=False)
    organisations: Mapping[str, Organisation] = field(compare=False)
    reasons: Mapping[str, Reason] = field(compare=False)
    vetting: Mapping[str, Vetting] = field(compare=False)
    systems: Mapping[str, System] = field(compare=False)
    masks: frozenset[str] = field(compare=False)
    roles: frozenset[str] = field(compare=False)
    routes: frozenset[str] = field(compare=False)
    purposes: frozenset[str] = field(compare=False)
    training: frozenset[str] = field(compare=False)
    entitled_fields: frozenset[str] = field(compare=False)


def _set(cell: str) -> frozenset[str]:
    return frozenset(part.strip() for part in cell.split(";") if part.strip())


def _by_code(rows: Iterable[Row]) -> Mapping[str, Row]:
    return {row["code"]: row for row in rows}


def _form(cell: str) -> tuple[Form, str | None]:
    """`MASK(HASH)` is the form MASK with the mask HASH."""
    name, _, mask = cell.partition("(")
    return Form(name), mask.rstrip(")") or None


def _dataset(row: Row) -> Dataset:
    owner = row["notes"].partition(";")[0].strip()
    return Dataset(row["code"], row["label"], owner, row["floor"], row["refusal"] == "SILENT")


def _entitlement(row: Row) -> Entitlement:
    form, mask = _form(row["form"])
    return Entitlement(_set(row["fields"]), form, mask, row["scope"], _set(row["needs_training"]))


def _organisation(row: Row) -> Organisation:
    return Organisation(row["id"], row["name"], row["kind"], row["agreement"])


def _agreement(row: Row) -> Agreement:
    return Agreement(
        id=row["id"],
        organisations=_set(row["organisations"]),
        datasets=_set(row["datasets"]),
        fields=_set(row["fields"]),
        purposes=_set(row["purposes"]),
        reasons=_set(row["reasons"]),
        routes=_set(row["routes"]),
        start=date.fromisoformat(row["start"]),
        end=date.fromisoformat(row["end"]) if row["end"] else None,
        state=row["state"],
        user_cap=int(row["user_cap"]) if row["user_cap"] else None,
        day_cap=int(row["day_cap"]) if row["day_cap"] else None,
    )


def _required(cell: str) -> tuple[RequiredHeader, ...]:
    """`session;geolocation(MOBILE)`: the second only on the routes in brackets."""
    found = []
    for part in cell.split(";"):
        statement, _, routes = part.partition("(")
        found.append(RequiredHeader(statement, frozenset(filter(None, routes.rstrip(")").split(",")))))
    return tuple(found)


def _reason(row: Row, purposes: Row) -> Reason:
    return Reason(row["code"], row["label"], _set(purposes["label"]), _required(row["required_headers"]))


def _vetting(row: Row) -> Vetting:
    return Vetting(row["code"], row["enquiry"] == "yes", row["update"] == "yes", _set(row["organisation_kinds"]))


def _system(row: Row) -> System:
    return System(row["name"], _set(row["organisations"]), _set(row["datasets"]), _set(row["routes"]), row["state"])


def _matrix(rows: Iterable[Row]) -> Mapping[tuple[str, str, str], tuple[MatrixRow, ...]]:
    found: dict[tuple[str, str, str], tuple[MatrixRow, ...]] = {}
    for row in rows:
        key = (row["reason"], row["purpose"], row["dataset"])
        opened = MatrixRow(_set(row["organisation_kinds"]), _set(row["roles"]), Form(row["outcome"]))
        found[key] = (*found.get(key, ()), opened)
    return MappingProxyType(found)


def _entitlements(rows: Iterable[Row]) -> Mapping[tuple[str, str], tuple[Entitlement, ...]]:
    found: dict[tuple[str, str], tuple[Entitlement, ...]] = {}
    for row in rows:
        key = (row["role"], row["dataset"])
        found[key] = (*found.get(key, ()), _entitlement(row))
    return MappingProxyType(found)


def _facts(tables: Mapping[str, tuple[Row, ...]], version: str) -> Facts:
    purposes = _by_code(tables["policing_to_reason_map"])
    entitlements = _entitlements(tables["entitlements"])
    return Facts(
        version=version,
        datasets=MappingProxyType({row["code"]: _dataset(row) for row in tables["datasets"]}),
        matrix=_matrix(tables["reason_dataset"]),
        entitlements=entitlements,
        agreements=MappingProxyType({row["id"]: _agreement(row) for row in tables["agreements"]}),
        organisations=MappingProxyType({row["id"]: _organisation(row) for row in tables["organisations"]}),
        reasons=MappingProxyType({row["code"]: _reason(row, purposes[row["code"]]) for row in tables["reason_codes"]}),
        vetting=MappingProxyType({row["code"]: _vetting(row) for row in tables["vetting_levels"]}),
        systems=MappingProxyType({row["name"]: _system(row) for row in tables["systems"]}),
        masks=frozenset(_by_code(tables["mask_types"])),
        roles=frozenset(_by_code(tables["user_roles"])),
        routes=frozenset(_by_code(tables["access_routes"])),
        purposes=frozenset(_by_code(tables["lawful_purposes"])),
        training=frozenset(_by_code(tables["training_modules"])),
        entitled_fields=frozenset().union(*(row.fields for rows in entitlements.values() for row in rows)),
    )


def _unknown(facts: Facts) -> Iterable[str]:
    """What one table names and the table it points to does not have: a slip would quietly open or close data."""
    known = facts.datasets.keys()
    for reason, purpose, dataset in facts.matrix:
        if reason not in facts.reasons or purpose not in facts.purposes or dataset not in known:
            yield f"reason_dataset: {reason} {purpose} {dataset}"
    for role, dataset in facts.entitlements:
        if role not in facts.roles or dataset not in known:
            yield f"entitlements: {role} {dataset}"
    yield from (f"entitlements: training {name}" for name in _trainings(facts) - facts.training)
    for agreement in facts.agreements.values():
        unknown = agreement.datasets - known | agreement.purposes - facts.purposes | agreement.routes - facts.routes
        yield from (f"agreements: {agreement.id} {name}" for name in sorted(unknown))
    yield from (f"organisations: {o.id}" for o in facts.organisations.values() if o.agreement not in facts.agreements)


def _trainings(facts: Facts) -> frozenset[str]:
    return frozenset(name for rows in facts.entitlements.values() for row in rows for name in row.training)


def facts_from_directory(directory: Traversable) -> Facts:
    """The facts of the CSV files in `directory` (a path or a package resource).

    Raises InvalidFacts when a table is missing or malformed, or names a row another table does not have.
    """
    digest, tables = hashlib.sha256(), {}
    for name in TABLES:
        try:
            text = directory.joinpath(f"{name}.csv").read_text(encoding="utf-8")
        except OSError as error:
            raise InvalidFacts(f"The access table {name}.csv cannot be read.") from error
        digest.update(f"{name}\0{len(text)}\0{text}".encode())
        tables[name] = tuple(csv.DictReader(io.StringIO(text)))
    try:
        facts = _facts(tables, digest.hexdigest())
    except (KeyError, ValueError) as error:
        raise InvalidFacts(f"An access table is malformed: {error}.") from error
    if unknown := list(_unknown(facts)):
        raise InvalidFacts(f"The access tables name what does not exist: {'; '.join(unknown)}.")
    return facts


@cache
def packaged_facts() -> Facts:
    """The facts shipped with this package, read once."""
    return facts_from_directory(files("authz").joinpath("data"))
