"""Is the driver the keeper, licensed for this vehicle, insured today? Records in, three verdicts with evidence out.

Pure. A missing input makes a verdict UNKNOWN, never NO (story 2; entities R2, R3, R5, R6). The three are never merged.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from resolvers.connections import Row
from resolvers.drivers.candidates import agreement_with
from resolvers.drivers.categories import covers, needed_category
from resolvers.matching import NameAgreement


class Verdict(StrEnum):
    """The four answers a question about a person and a vehicle can have."""

    YES = "YES"
    POSSIBLE = "POSSIBLE"
    UNKNOWN = "UNKNOWN"
    NO = "NO"


ORGANISATIONS = frozenset({"COMPANY", "LEASE", "FLEET", "TRADE", "CROWN"})


@dataclass(frozen=True, slots=True)
class Finding:
    """One verdict, the sentence it rests on, and the dataset that sentence comes from. The sentence holds no values."""

    verdict: Verdict
    text: str
    dataset: str


@dataclass(frozen=True, slots=True)
class PolicyFacts:
    """A policy: codes, dates inclusive, permitted drivers as folded names (None: not held)."""

    state: str | None
    start: date | None
    end: date | None
    cover: str | None
    permitted: tuple[str, ...] | None

    def in_force(self, today: date) -> bool:
        """Whether the policy's dates include the day."""
        return (self.start or today) <= today <= (self.end or today)


@dataclass(frozen=True, slots=True)
class VehicleFacts:
    """What the vehicle product hands over; `policies` None means they could not be had."""

    keeper_type: str | None
    match_name: str | None
    match_postcode: str | None
    body_type: str | None
    type_approval: str | None
    revenue_weight: int | None
    policies: tuple[PolicyFacts, ...] | None


@dataclass(frozen=True, slots=True)
class DriverFacts:
    """A driver's row with the rows of category rights and, where there is one, the disqualification."""

    row: Row
    entitlements: Sequence[Row]
    disqualification: Row | None


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The three answers."""

    keeper: Finding
    licensed: Finding
    insured: Finding


def vehicle_facts(inputs: Mapping[str, Any] | None) -> VehicleFacts | None:
    """The facts in a representation's `verdictInputs`."""
    if inputs is None:
        return None
    policies = inputs.get("policies")
    return VehicleFacts(
        keeper_type=inputs.get("keeperType"),
        match_name=inputs.get("matchName"),
        match_postcode=inputs.get("matchPostcode"),
        body_type=inputs.get("bodyType"),
        type_approval=inputs.get("typeApproval"),
        revenue_weight=inputs.get("revenueWeight"),
        policies=None if policies is None else tuple(_policy(policy) for policy in policies),
    )


def judge(vehicle: VehicleFacts | None, driver: DriverFacts | None, today: date) -> Verdicts:
    """The three verdicts about one driver and one vehicle on one day."""
    licensed = _licensed(vehicle, driver, today)
    insured = _insured(vehicle, driver, today)
    if insured.verdict is Verdict.YES and licensed.verdict is Verdict.NO:
        # R6: "insured" needs the category check too; policies hold only for someone licensed to drive.
        insured = Finding(Verdict.POSSIBLE, "A policy covers the driver, who does not appear to be licensed.", "MID")
    return Verdicts(_keeper(vehicle, driver), licensed, insured)


def _keeper(vehicle: VehicleFacts | None, driver: DriverFacts | None) -> Finding:
    def found(verdict: Verdict, text: str) -> Finding:
        return Finding(verdict, text, "DVLA.KEEPER")

    if vehicle is None:
        return found(Verdict.UNKNOWN, "The keeper could not be had.")
    if vehicle.keeper_type in ORGANISATIONS:
        return found(Verdict.UNKNOWN, "The keeper is an organisation: who drives for it is not recorded.")
    if vehicle.match_name is None:
        return found(Verdict.UNKNOWN, "No keeper is recorded.")
    if driver is None:
        return found(Verdict.UNKNOWN, "There is no driver to compare with.")
    name = agreement_with(driver.row, vehicle.match_name)
    return found(*_KEEPER_ANSWERS[name, _same_place(vehicle.match_postcode, driver.row["match_postcode"])])


def _same_place(one: str | None, other: str | None) -> bool | None:
    return None if one is None or other is None else one == other


_OTHER_NAME = (Verdict.NO, "The keeper has another name.")
_OTHER_FORENAME = (Verdict.NO, "The keeper has the same surname and another forename.")
_KEEPER_ANSWERS: Mapping[tuple[NameAgreement, bool | None], tuple[Verdict, str]] = {
    (NameAgreement.SAME, True): (Verdict.YES, "Name and postcode agree; keeper records hold no date of birth."),
    (NameAgreement.SAME, False): (Verdict.POSSIBLE, "The name agrees, the postcode does not."),
    (NameAgreement.SAME, None): (Verdict.POSSIBLE, "The name agrees; there is no postcode to compare."),
    (NameAgreement.COMPATIBLE, True): (Verdict.POSSIBLE, "The names differ by an initial; the postcode agrees."),
    (NameAgreement.COMPATIBLE, False): (Verdict.POSSIBLE, "The names differ by an initial, and the postcodes differ."),
    (NameAgreement.COMPATIBLE, None): (Verdict.POSSIBLE, "The names differ by an initial; no postcode to compare."),
    **{(NameAgreement.SURNAME, place): _OTHER_FORENAME for place in (True, False, None)},
    **{(NameAgreement.DIFFERENT, place): _OTHER_NAME for place in (True, False, None)},
}

_STATUS_ANSWERS: Mapping[str, tuple[Verdict, str]] = {
    "EXP": (Verdict.NO, "The licence has expired."),
    "REV": (Verdict.NO, "The licence is revoked."),
    "SUR": (Verdict.NO, "The licence was surrendered."),
    "DIS": (Verdict.NO, "The licence status is disqualified."),
    "DEC": (Verdict.NO, "The licence holder is recorded as deceased."),
    "NONE": (Verdict.NO, "There is no entitlement."),
    "PEND": (Verdict.POSSIBLE, "An application is pending."),
}
_TYPE_ANSWERS: Mapping[str, tuple[Verdict, str]] = {
    "NONE": (Verdict.NO, "There is no GB licence."),
    "PROV": (Verdict.POSSIBLE, "The licence is provisional: it holds only under its conditions."),
    "EXCH": (Verdict.UNKNOWN, "The licence was exchanged abroad."),
    "DIPL": (Verdict.UNKNOWN, "The licence is diplomatic."),
}


def _licensed(vehicle: VehicleFacts | None, driver: DriverFacts | None, today: date) -> Finding:
    """Cases in order: nobody to judge; disqualified; what status and type say; the category for this vehicle."""
    if driver is None:
        return Finding(Verdict.UNKNOWN, "There is no driver to judge.", "DVLA.DRV")
    if _disqualified(driver.disqualification, today):
        return Finding(Verdict.NO, "The driver is disqualified.", "DVLA.END")
    status, kind = driver.row["licence_status"], driver.row["licence_type"]
    answer = _STATUS_ANSWERS.get(status or "") or _TYPE_ANSWERS.get(kind or "")
    if answer is None and status != "CUR":
        answer = (Verdict.UNKNOWN, "The licence status is not known.")
    if answer is None:
        answer = _category(vehicle, driver.entitlements, today)
    return Finding(*answer, "DVLA.DRV")


def _disqualified(row: Row | None, today: date) -> bool:
    if row is None:
        return False
    until = row["disqualified_until"]
    return bool(row["disqualified_for_life"]) or (until is not None and today <= until)


def _category(vehicle: VehicleFacts | None, rights: Sequence[Row], today: date) -> tuple[Verdict, str]:
    needed = None
    if vehicle is not None:
        needed = needed_category(vehicle.type_approval, vehicle.body_type, vehicle.revenue_weight)
    if needed is None:
        return Verdict.UNKNOWN, "Which category the vehicle needs cannot be told."
    if not rights:
        return Verdict.UNKNOWN, "No categories are recorded for the driver."
    valid = [right for right in rights if covers(right["category"], needed) and _valid(right, today)]
    if not valid:
        return Verdict.NO, f"No right to category {needed} is in force."
    if all(right["automatic_only"] for right in valid):
        return Verdict.POSSIBLE, f"The right to category {needed} is for automatics only."
    return (
        Verdict.YES,
        f"A right to category {needed} is in force at DVLA; PNC disqualifications are not consulted here.",
    )


def _valid(right: Row, today: date) -> bool:
    return (right["from_date"] or today) <= today <= (right["expiry_date"] or today)


_STRENGTH = (Verdict.YES, Verdict.POSSIBLE, Verdict.UNKNOWN, Verdict.NO)


def _insured(vehicle: VehicleFacts | None, driver: DriverFacts | None, today: date) -> Finding:
    """The strongest answer any policy in force today gives; what was not asked of MID is not "uninsured" (story 1)."""
    if vehicle is None or vehicle.policies is None:
        return Finding(Verdict.UNKNOWN, "MID could not be asked: insurance is unknown.", "MID")
    answers = [_policy_answer(policy, driver) for policy in vehicle.policies if policy.in_force(today)]
    answers.append((Verdict.NO, "MID holds no policy in force today that covers the driver."))
    verdict, text = min(answers, key=lambda answer: _STRENGTH.index(answer[0]))
    return Finding(verdict, text, "MID")


def _policy_answer(policy: PolicyFacts, driver: DriverFacts | None) -> tuple[Verdict, str]:
    if policy.state == "UNKNOWN" or policy.state is None:
        return Verdict.UNKNOWN, "A policy's state is being checked."
    if policy.state != "ACTIVE":
        return Verdict.NO, "A policy is held that is not active."
    if policy.cover == "ANY":
        return Verdict.YES, "An active policy covers any authorised driver; class of use is not held."
    if policy.cover in ("FLEET", "TRADE"):
        return Verdict.POSSIBLE, "An active fleet or trade policy covers whom its holder permits."
    if driver is None:
        return Verdict.UNKNOWN, "An active policy is held; there is no driver to compare with."
    return _named_driver_answer(policy, driver)


def _named_driver_answer(policy: PolicyFacts, driver: DriverFacts) -> tuple[Verdict, str]:
    if not policy.permitted:
        return Verdict.UNKNOWN, "An active policy is held whose permitted drivers are not."
    agreements = {agreement_with(driver.row, name) for names in policy.permitted for name in _both_ways(names)}
    if NameAgreement.SAME in agreements:
        return Verdict.YES, "An active policy names the driver; class of use is not held."
    if NameAgreement.COMPATIBLE in agreements:
        return Verdict.POSSIBLE, "An active policy names someone who differs from the driver by an initial."
    return Verdict.NO, "An active policy does not name the driver."


def _both_ways(name: str) -> tuple[str, str]:
    """A policy writes EXAMPLE ROBIN or ROBIN EXAMPLE; the second, turned round, is compared as well."""
    *forenames, last = name.split() or [""]
    return name, " ".join((last, *forenames))


def _policy(policy: Mapping[str, Any]) -> PolicyFacts:
    permitted = policy.get("permittedDrivers")
    return PolicyFacts(
        state=policy.get("state"),
        start=_day(policy.get("from")),
        end=_day(policy.get("to")),
        cover=policy.get("cover"),
        permitted=None if permitted is None else tuple(permitted),
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
