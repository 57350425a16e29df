"""A leaf's bytes in, what they say out, if they are a leaf of `docs/ledger-format.md` (*Leaves*). Does no I/O."""

import re
from dataclasses import dataclass
from typing import Any

from authz.verifier.canonical import NotCanonical, parse
from authz.verifier.note import Checkpoint, parse_checkpoint
from authz.verifier.shapes import (
    Misshapen,
    Shape,
    boolean,
    count,
    nothing,
    nullable,
    one_of,
    scalar,
    several,
    struct,
    text,
)
from authz.verifier.timestamp import milliseconds

FORMAT = "leds-audit-leaf/2"
EVENT_TYPES = (
    *("CONSULT", "COMBINE", "DISCLOSE", "REFUSE", "ALTER", "ERASE", "AUTH", "EXPORT", "REVIEW", "ALERT", "CONFIG"),
    *("COLLECT", "SEARCH"),
)
SAID_FORMS = ("FULL", "MASK", "EXISTS", "DENY")
_MOST_SLOTS = 1 << 20
_WITH_RECIPIENT = ("DISCLOSE", "EXPORT")
_PART_ERASED = re.compile(r"(0|[1-9][0-9]{0,17})/(0|[1-9][0-9]{0,9})")
_RUN_ERASED = re.compile(r"(0|[1-9][0-9]{0,17})-(0|[1-9][0-9]{0,17})")


class Malformed(ValueError):
    """Bytes that are no leaf or part of this version; says where, never what."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """What verification needs of a leaf: when it is from (milliseconds since 1970), the values its row must repeat, its
    parts' root (32 bytes) and slots if it has parts, and the object itself."""

    at: int
    columns: tuple[str | int | None, ...]
    root: bytes | None
    slots: int
    said: dict[str, Any]

    def __post_init__(self) -> None:
        if self.slots != (1 << (self.committed - 1).bit_length() if self.committed else 0) or self.slots > _MOST_SLOTS:
            raise Misshapen("parts.slots is not what so many parts need")

    @property
    def committed(self) -> int:
        """How many parts it has."""
        return len(self.parts) + self.subjects

    @property
    def month(self) -> str:
        """The month that its row and its parts' rows are kept under."""
        return str(self.columns[0])

    @property
    def parts(self) -> tuple[str, ...]:
        """The kinds of parts it has before those of subjects, in their order; `subjects` says how many follow."""
        if self.root is None:
            return ()
        if self.said["stage"] == "EVENT":
            return ("about",)
        return (*(("statements",) if self.said["request"] else ()), *(("sealed",) if self.said["outcome"] else ()))

    @property
    def subjects(self) -> int:
        """How many parts of subjects it has."""
        return self.said["resultCount"]

    @property
    def erased_part(self) -> tuple[int, int] | None:
        """The position and slot of the part that this leaf says was erased."""
        return _numbers(_PART_ERASED, self._erased)

    @property
    def erased_run(self) -> tuple[int, int] | None:
        """The positions of the first and last of the leaves of an expired month that this leaf says were dropped."""
        return _numbers(_RUN_ERASED, self._erased)

    @property
    def _erased(self) -> str:
        event = self.said["event"] if self.said["eventType"] == "ERASE" else None
        return (event["about"] or "") if event else ""

    def witnessed(self) -> tuple[Checkpoint, ...]:
        """The checkpoints of other logs in it."""
        return tuple(parse_checkpoint(note) for note in self.said["witnessed"])


def _numbers(pattern: re.Pattern[str], about: str) -> tuple[int, int] | None:
    matched = pattern.fullmatch(about)
    return (int(matched[1]), int(matched[2])) if matched else None


def leaf_from_bytes(data: bytes) -> Leaf:
    """The leaf that `data` is the canonical form of. Raises Malformed for anything else."""
    try:
        said = parse(data)
        _LEAF(said, "")
        _STAGES[said["stage"]](said)
        at = milliseconds(said["occurredAt"])
        parts = said["parts"]
        root, slots = (bytes.fromhex(parts["root"]), parts["slots"]) if parts else (None, 0)
        return Leaf(at, _columns(said, at), root, slots, said)
    except (NotCanonical, Misshapen) as error:
        raise Malformed(str(error)) from error
    except ValueError as error:
        raise Malformed("occurredAt is no time") from error


def _columns(said: dict[str, Any], at: int) -> tuple[str | int | None, ...]:
    request = said["request"] or {"user": None, "reason": None, "purpose": None, "operation": {"hash": None}}
    user = request["user"] or {"id": None, "organisation": None}
    asked = (user["id"], user["organisation"], request["reason"], request["purpose"], request["operation"]["hash"])
    return (said["occurredAt"][:7], at, said["stage"], said["auditId"], said["part"], said["eventType"], *asked)


def _listed(*names: str) -> Any:
    """The order of objects: by these keys, null before any text."""

    def key(value: dict[str, Any]) -> tuple[Any, ...]:
        return tuple("" if value[name] is None else value[name] for name in names)

    return key


def _itself(value: Any) -> Any:
    return value


def _witness(value: Any, path: str) -> None:
    try:
        parse_checkpoint(value)
    except (ValueError, AttributeError) as error:
        raise Misshapen(f"{path} is no checkpoint") from error


_text: Shape = text()
_texts: Shape = several(_text, _itself)
_maybe: Shape = nullable(_text)

_USER = struct(
    {
        "id": _text,
        "forceStation": _maybe,
        "organisation": _text,
        "organisationKind": _text,
        "agreement": _text,
        "roles": _texts,
        "vetting": _maybe,
        "training": _texts,
    }
)
_VARIABLE = struct({"path": _text, "value": scalar})
_OPERATION = struct({"name": _maybe, "hash": _text, "document": _maybe, "variables": several(_VARIABLE)})
_REQUEST = struct(
    {
        "user": nullable(_USER),
        "system": nullable(struct({"id": _text, "route": _text})),
        **dict.fromkeys(("reason", "purpose", "sessionId", "correlationId", "activityFlowId", "activityCode"), _maybe),
        "actionCode": _maybe,
        "applicationTime": _maybe,
        "operation": _OPERATION,
    }
)
_REFUSAL = struct({"coordinate": _text, "form": one_of(*SAID_FORMS), "dataset": _maybe, "policies": _texts})
_LEAF = struct(
    {
        "format": one_of(FORMAT),
        "stage": one_of("INTENT", "OUTCOME", "EVENT", "WITNESS"),
        "auditId": text(r"[0-7][0-9A-HJKMNP-TV-Z]{25}"),
        "part": count,
        "intent": nullable(count),
        "eventType": nullable(one_of(*EVENT_TYPES)),
        "outcome": nullable(one_of("OK", "PARTIAL", "REFUSED")),
        "world": nullable(one_of("SYNTHETIC")),
        "occurredAt": _text,
        "retention": _text,
        "request": nullable(_REQUEST),
        "recipient": nullable(struct({"organisation": _text, "transfer": boolean})),
        "refusals": several(_REFUSAL, _listed("coordinate", "form", "dataset", "policies")),
        "refusedBy": _maybe,
        "resultCount": count,
        "event": nullable(struct({"name": _text, "about": _maybe})),
        "witnessed": several(_witness, lambda note: note.partition("\n")[0]),
        "spooled": boolean,
        "parts": nullable(struct({"root": text(r"[0-9a-f]{64}"), "slots": count})),
    }
)


def _apply(said: dict[str, Any], *present: str) -> None:
    """Of the keys that depend on the stage, exactly the `present` ones say something."""
    for name in ("intent", "eventType", "outcome", "request", "event"):
        if name not in present:
            nothing(said[name], name)
        elif said[name] is None:
            raise Misshapen(f"{name} is null")
    if said["recipient"] is not None and said["eventType"] not in _WITH_RECIPIENT:
        raise Misshapen("recipient belongs to a disclosure or an export")
    if bool(said["witnessed"]) != (said["stage"] == "WITNESS"):
        raise Misshapen("witnessed belongs to a witness")


def _outcome(said: dict[str, Any]) -> None:
    _apply(said, "eventType", "outcome", "request" if said["intent"] is None else "intent")
    if said["parts"] is None:
        raise Misshapen("parts of an outcome are null")


def _event(said: dict[str, Any]) -> None:
    _apply(said, "eventType", "event", *(("request",) if said["request"] else ()))


_STAGES = {
    "INTENT": lambda said: _apply(said, "request"),
    "OUTCOME": _outcome,
    "EVENT": _event,
    "WITNESS": lambda said: _apply(said),
}
