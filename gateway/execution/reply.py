"""The bytes of a subgraph's reply in; checked content, or the reason why it is no answer, out. Trusts nothing it
reads."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from authz.decision import Form
from authz.disclosure import Disclosure
from gateway.execution.failures import DOWNSTREAM, Cause, Failure, FieldError, ResponseKey, lost, unavailable
from gateway.execution.reduced import Reduction, mark, read_reductions
from gateway.execution.response_errors import ACCESS_DENIED

MOST_CAUSES = 20
MOST_TEXT = 2_000
MOST_KEYS = 256
MOST_COUNTED = 2**31
# A reader may ignore a byte order mark (RFC 8259, 8.1); some servers send one.
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# What our own subgraphs say beside an error's code: what to do, the real service's error type, which policies refused.
OUR_DETAILS = ("advice", "type", "policies", "fields")


@dataclass(frozen=True, slots=True)
class ReplyRules:
    """How replies are read. Messages of subgraphs are masked, and only the codes listed here kept, unless exposed:
    then the subgraphs are ours, and message, code and advice are meant for the client.

    `require_disclosures` is the governed reading: a reply that does not say what it showed is refused, and so is one
    that refuses by access anything the gateway had allowed: the two decisions differ, so neither is acted on."""

    expose_errors: bool = False
    kept_codes: frozenset[str] = frozenset(
        {
            ACCESS_DENIED,
            "UNAUTHENTICATED",
            "FORBIDDEN",
            "BAD_USER_INPUT",
            "NOT_FOUND",
            "UNAVAILABLE",
            "GRAPHQL_VALIDATION_FAILED",
        }
    )
    require_disclosures: bool = False
    most_errors: int = 1_000


@dataclass(slots=True)
class ReplyContent:
    """A reply that may be used: `data` belongs to the receiver. `loose` errors have no place in the data. `facts`
    numbers the access facts that it was decided by, where it says that they are newer than the request's."""

    data: dict[str, Any]
    loose: list[FieldError] = field(default_factory=list)
    disclosures: tuple[Disclosure, ...] = ()
    statements: int = 0
    denied: bool = False
    reductions: tuple[Reduction, ...] = ()
    facts: int = 0


@dataclass(frozen=True, slots=True)
class NoContent:
    """Nothing of the reply may be used. `status` is a word for metrics; `failure` stands at every field of the
    fetch."""

    status: str
    failure: Failure
    denied: bool = False
    facts: int = 0


def read_reply(
    service: str, status: int, body: bytes, rules: ReplyRules, *, of_entities: bool = False
) -> ReplyContent | NoContent:
    """Read a GraphQL-over-HTTP response; `of_entities` says that its error paths start at `_entities` or an alias of
    it.

    Not UTF-8, not JSON, too deep, not an object, `data` of another type, or a success without data: no content.
    """
    try:
        envelope = msgspec.json.decode(body.removeprefix(BYTE_ORDER_MARK))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return NoContent("malformed", lost(unavailable(service, "sent something that is not JSON")))
    if type(envelope) is not dict:
        return NoContent("malformed", lost(unavailable(service, "sent something that is not a GraphQL response")))
    errors = _errors(envelope.get("errors"), rules)
    data = envelope.get("data")
    denied = any(_code(error) == ACCESS_DENIED for error in errors)
    if denied and rules.require_disclosures:
        failure = lost(unavailable(service, "decided otherwise about access"))
        return NoContent("disagreed", failure, denied, _count(_extensions(envelope).get("facts")))
    if data is None and errors:
        return NoContent("errors", _refusal(service, errors, rules, of_entities), denied)
    if type(data) is not dict or not 200 <= status < 300:
        return NoContent("malformed", lost(unavailable(service, "sent a response without data")))
    return _content(service, envelope, errors, rules)


def _content(
    service: str, envelope: dict[str, Any], errors: list[dict[str, Any]], rules: ReplyRules
) -> ReplyContent | NoContent:
    extensions = _extensions(envelope)
    disclosures = _disclosures(extensions.get("disclosures"))
    if disclosures is None and rules.require_disclosures:
        return NoContent("undisclosed", lost(unavailable(service, "did not say what it disclosed")))
    reductions = read_reductions(extensions.get("access") if rules.require_disclosures else None)
    if reductions is None or not mark(envelope["data"], reductions):
        return NoContent("malformed", lost(unavailable(service, "did not say what its data may be shown as")))
    content = ReplyContent(
        envelope["data"],
        disclosures=disclosures or (),
        statements=_count(extensions.get("statements")),
        denied=any(_code(error) == ACCESS_DENIED for error in errors),
        reductions=reductions,
        facts=_count(extensions.get("facts")),
    )
    for error in errors:
        _place(content, field_error(service, error, rules), error.get("path"))
    return content


def _extensions(envelope: Mapping[str, Any]) -> Mapping[str, Any]:
    extensions = envelope.get("extensions")
    return extensions if type(extensions) is dict else {}


def _count(value: Any) -> int:
    return value if type(value) is int and 0 <= value < MOST_COUNTED else 0


def _errors(value: Any, rules: ReplyRules) -> list[dict[str, Any]]:
    if type(value) is not list:
        return []
    return [error for error in value[: rules.most_errors] if type(error) is dict]


def _code(error: Mapping[str, Any]) -> str | None:
    extensions = error.get("extensions")
    code = extensions.get("code") if type(extensions) is dict else None
    return code if type(code) is str and len(code) <= MOST_TEXT else None


def field_error(service: str, error: Mapping[str, Any], rules: ReplyRules) -> FieldError:
    """One error of a subgraph as the client may see it."""
    message, code = error.get("message"), _code(error)
    if rules.expose_errors and type(message) is str:
        details = {name: said for name in OUR_DETAILS if (said := error["extensions"].get(name))} if code else {}
        return FieldError(message[:MOST_TEXT], code or DOWNSTREAM, service, details)
    return FieldError(f"'{service}' could not answer this.", code if code in rules.kept_codes else DOWNSTREAM, service)


def _refusal(service: str, errors: Iterable[Mapping[str, Any]], rules: ReplyRules, of_entities: bool) -> Failure:
    """The failure of a fetch without data: its errors, each at the object that was asked for."""
    causes: list[Cause] = []
    for error in errors:
        path = error.get("path")
        below = tuple(path) if path and _is_path(path) and not of_entities else ()
        cause = Cause(field_error(service, error, rules), below, of_parent=True)
        if cause not in causes and len(causes) < MOST_CAUSES:
            causes.append(cause)
    return Failure(tuple(causes), lost=True)


def _is_path(path: Any) -> bool:
    return type(path) is list and 0 < len(path) <= MOST_KEYS and all(map(_is_key, path))


def _is_key(key: Any) -> bool:
    return type(key) is str or (type(key) is int and 0 <= key < MOST_COUNTED)


def _place(content: ReplyContent, error: FieldError, path: Any) -> None:
    """Put an error where its null stands in the data, so that it follows the value wherever that is placed."""
    if not _is_path(path):
        content.loose.append(error)
        return
    holder: Any = content.data
    for depth, key in enumerate(path):
        value = _at(holder, key)
        if value is None or type(value) is Failure:
            cause = Cause(error, tuple(path[depth + 1 :]))
            holder[key] = value.joined_by(cause) if value else Failure((cause,))
            return
        holder = value
    content.loose.append(error)


_NOWHERE = object()


def _at(holder: Any, key: ResponseKey) -> Any:
    if type(holder) is dict and type(key) is str:
        return holder.get(key, _NOWHERE)
    if type(holder) is list and type(key) is int and 0 <= key < len(holder):
        return holder[key]
    return _NOWHERE


class _Disclosed(msgspec.Struct):
    """The wire form of one disclosure."""

    type: str
    key: str
    dataset: str
    form: Form
    fields: tuple[str, ...]
    policies: tuple[str, ...] = ()
    event: Literal["", "ALTER", "ERASE", "REVIEW"] = ""


def _disclosures(value: Any) -> tuple[Disclosure, ...] | None:
    try:
        disclosed = msgspec.convert(value, tuple[_Disclosed, ...])
    except msgspec.ValidationError:
        return None
    return tuple(Disclosure(d.type, d.key, d.dataset, d.form, d.fields, d.policies, d.event) for d in disclosed)
