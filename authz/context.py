"""Why and for whom: the caller's recorded statements in the `X-Leds-*` headers, checked against its token.

In: headers, principal, facts. Out: `RequestContext`, or one coded error naming every header at fault. Never changes who
the caller is: organisation, roles, route and system come from the token, and a header naming a route is ignored.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from authz.errors import ContextContradictsToken, ContextIncomplete, ContextInvalid
from authz.facts import Facts, Reason
from authz.principal import Principal


@dataclass(frozen=True, slots=True)
class RequestContext:
    """The statements of one request. `reason` is the code (`0`–`9`), `purpose` a code of `lawful_purposes`."""

    session_id: str
    correlation_id: str
    system_name: str
    application_datetime: str
    reason: str
    reason_text: str
    purpose: str
    justification: str
    activity_code: str
    action_code: str
    activity_flow_id: str
    reference: str | None = None
    on_behalf_of: str | None = None
    geolocation: str | None = None
    page_title: str | None = None


REASON = re.compile(r"(?P<code>\d) - (?P<text>\S.*)")
# A header sent twice arrives as one list (RFC 9110 section 5.3): two reasons are none.
SECOND_REASON = re.compile(r",\s*\d - ")
UNPRINTABLE = re.compile(r"[^\x20-\x7e\xa0-\U0010ffff]")


def _uuid(value: str) -> str | None:
    try:
        return None if str(UUID(value)) == value.lower() else "must be a UUID in its canonical form"
    except ValueError:
        return "must be a UUID in its canonical form"


def _instant(value: str) -> str | None:
    try:
        return None if datetime.fromisoformat(value).tzinfo else "must state its offset from UTC"
    except ValueError:
        return "must be an ISO 8601 date and time"


def _length(low: int, high: int) -> Callable[[str], str | None]:
    return lambda value: None if low <= len(value) <= high else f"must have {low} to {high} characters"


def _reason_format(value: str) -> str | None:
    if SECOND_REASON.search(value):
        return "must be stated once"
    return None if REASON.fullmatch(value) else "must be a digit, ` - ` and the reason's text"


def _anything(_value: str) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Header:
    """One header: the statement `reason_codes.csv` calls it by, the attribute of `RequestContext`, and its format."""

    name: str
    statement: str
    attribute: str
    check: Callable[[str], str | None]


HEADERS = (
    Header("X-Leds-Session-Id", "session", "session_id", _uuid),
    Header("X-Leds-Correlation-Id", "correlation", "correlation_id", _uuid),
    Header("X-Leds-System-Name", "system", "system_name", _length(3, 250)),
    Header("X-Leds-Application-Datetime", "application_datetime", "application_datetime", _instant),
    Header("X-Leds-Reason", "reason", "reason", _reason_format),
    Header("X-Leds-Purpose", "purpose", "purpose", _anything),
    Header("X-Leds-Justification", "justification", "justification", _length(3, 250)),
    Header("X-Leds-Activity-Code", "activity", "activity_code", _length(1, 100)),
    Header("X-Leds-Action-Code", "action", "action_code", _length(1, 100)),
    Header("X-Leds-Activity-Flow-Id", "activity_flow", "activity_flow_id", _uuid),
    Header("X-Leds-Reference-Id", "reference", "reference", _length(3, 100)),
    Header("X-Leds-On-Behalf-Of", "on_behalf_of", "on_behalf_of", _length(3, 50)),
    Header("X-Leds-Geolocation", "geolocation", "geolocation", _length(2, 100)),
    Header("X-Leds-Page-Title", "page_title", "page_title", _length(0, 150)),
)
BY_STATEMENT = {header.statement: header for header in HEADERS}
ALWAYS = tuple(header.statement for header in HEADERS[:10])


def context_from_headers(headers: Mapping[str, str], principal: Principal, facts: Facts) -> RequestContext:
    """The request's statements (P01, access.md 2.1).

    Raises ContextIncomplete naming every missing header (and every malformed one beside them), ContextInvalid naming
    every malformed one, ContextContradictsToken when a header says something else than the token.
    """
    given = _given(headers)
    reason = _reason(given, facts)
    missing = tuple(BY_STATEMENT[name].name for name in _required(reason, principal.route) if name not in given)
    invalid = dict(_invalid(given, reason, facts))
    if missing:
        raise ContextIncomplete(
            f"The request does not say all it must: {', '.join(missing)} missing.",
            details={"missing": list(missing), "invalid": invalid},
        )
    if invalid:
        raise ContextInvalid(f"Malformed: {', '.join(invalid)}.", details={"missing": [], "invalid": invalid})
    if contradictions := list(_contradictions(given, principal)):
        raise ContextContradictsToken(
            f"Not what the access token says: {', '.join(contradictions)}.", details={"headers": contradictions}
        )
    return _context(given)


def missing_statements(context: RequestContext, route: str, facts: Facts) -> tuple[str, ...]:
    """The headers this context still lacks: the check of P01 taken again wherever a context arrives by another way."""
    required = _required(facts.reasons.get(context.reason), route)
    absent = [BY_STATEMENT[name] for name in required if not getattr(context, BY_STATEMENT[name].attribute)]
    return tuple(header.name for header in absent)


def _reason(given: Mapping[str, str], facts: Facts) -> Reason | None:
    """The reason that is stated; none where what is stated is not in the form of one."""
    stated = given.get("reason", "")
    match = None if _reason_format(stated) else REASON.fullmatch(stated)
    return match and facts.reasons.get(match["code"])


def _given(headers: Mapping[str, str]) -> Mapping[str, str]:
    """The statements made, by name; an empty or blank header says nothing."""
    lowered = {name.lower(): value.strip() for name, value in headers.items()}
    found = {header.statement: lowered.get(header.name.lower(), "") for header in HEADERS}
    return {statement: value for statement, value in found.items() if value}


def _required(reason: Reason | None, route: str) -> Iterator[str]:
    """What this reason requires on this route; what every reason requires where the reason is not known."""
    if reason is None:
        yield from ALWAYS
        return
    for required in reason.required:
        if not required.routes or route in required.routes:
            yield required.statement


def _invalid(given: Mapping[str, str], reason: Reason | None, facts: Facts) -> Iterator[tuple[str, str]]:
    """Each malformed header with what is wrong about it, never with its value."""
    for statement, value in given.items():
        header = BY_STATEMENT[statement]
        if UNPRINTABLE.search(value):
            yield header.name, "must not hold control characters"
        elif problem := header.check(value) or _unknown(statement, value, reason, facts):
            yield header.name, problem


def _unknown(statement: str, value: str, reason: Reason | None, facts: Facts) -> str | None:
    if statement == "reason" and reason is None:
        return "is not one of the reason codes 0 to 9"
    if statement == "purpose" and value not in facts.purposes:
        return "is not a lawful purpose"
    if statement == "purpose" and reason is not None and value not in reason.purposes:
        return f"cannot be carried by reason {reason.code}; that reason carries {', '.join(sorted(reason.purposes))}"
    return None


def _contradictions(given: Mapping[str, str], principal: Principal) -> Iterator[str]:
    if given["system"] != principal.system:
        yield BY_STATEMENT["system"].name
    if given.get("on_behalf_of") in (principal.subject, principal.name):
        yield BY_STATEMENT["on_behalf_of"].name


def _context(given: Mapping[str, str]) -> RequestContext:
    match = REASON.fullmatch(given["reason"])
    assert match is not None
    values = {BY_STATEMENT[statement].attribute: value for statement, value in given.items()}
    return RequestContext(**(values | {"reason": match["code"], "reason_text": match["text"]}))
