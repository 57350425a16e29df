"""@override: which subgraphs lose a field to which, what stays of it there, and under which label it moves."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gateway.composition.merge_context import MergeContext, present
from gateway.composition.model import Field, Kind, TypeDefinition
from gateway.composition.suggest import did_you_mean

_LABEL = re.compile(r"[a-zA-Z][a-zA-Z0-9_\-:./]*")
_PERCENT = re.compile(r"percent\(([0-9]{1,2}(\.[0-9]{1,8})?|100)\)")


@dataclass(slots=True)
class Overrides:
    """What @override does to one field, by subgraph: needed or not where overridden, labels, unknown sources."""

    used: set[int] = field(default_factory=set)
    unused: set[int] = field(default_factory=set)
    labels: dict[int, str] = field(default_factory=dict)
    unknown: dict[int, str] = field(default_factory=dict)

    @property
    def overridden(self) -> set[int]:
        """The subgraphs that lose the field."""
        return self.used | self.unused


def overrides_of(
    context: MergeContext, owner: TypeDefinition, name: str, sources: Sequence[Field | None], parents: Sequence
) -> Overrides:
    """Reads and validates the @override applications on one field."""
    overrides = Overrides()
    taking = {index: source for index, source in present(sources) if source.has("override")}
    for index, source in taking.items():
        application = source.all_of("override")[0]
        origin = application.text("from") or ""
        move = _Move(context, f"{owner.name}.{name}", index, source, origin, application.text("label"))
        if move.is_allowed(parents[index], taking):
            _apply(move, sources, parents, overrides)
    return overrides


def validate_places(context: MergeContext) -> None:
    """Reports each @override on an interface's field, which nobody resolves as such."""
    for subgraph in context.subgraphs:
        for owner in subgraph.of_kind(Kind.INTERFACE):
            for own in owner.fields.values():
                if own.has("override"):
                    message = (
                        f'@override cannot be used on field "{owner.name}.{own.name}" on subgraph "{subgraph.name}": '
                        "@override is not supported on interface type fields."
                    )
                    context.report.error("OVERRIDE_ON_INTERFACE", message, subgraph.at(own))


@dataclass(frozen=True, slots=True)
class _Move:
    """One field moving from the subgraph called `origin` to the subgraph at `index`."""

    context: MergeContext
    coordinate: str
    index: int
    source: Field
    origin: str
    label: str | None

    @property
    def target(self) -> str:
        return self.context.subgraphs[self.index].name

    @property
    def origin_index(self) -> int | None:
        return next((i for i, s in enumerate(self.context.subgraphs) if s.name == self.origin), None)

    def error(self, code: str, message: str) -> None:
        self.context.report.error(code, message, self.context.subgraphs[self.index].at(self.source))

    def hint(self, code: str, message: str) -> None:
        places = self.context.subgraphs[self.index].at(self.source)
        self.context.report.hint(code, message, self.coordinate, places)

    def is_allowed(self, parent: TypeDefinition | None, taking: Mapping[int, Field]) -> bool:
        """Whether the application is valid by itself; reports why not."""
        if parent is not None and parent.is_interface_object:
            self.error(
                "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE",
                f"@override is not yet supported on fields of @interfaceObject types: "
                f'cannot be used on field "{self.coordinate}" on subgraph "{self.target}".',
            )
            return False
        if self.origin == self.target:
            self.error(
                "OVERRIDE_FROM_SELF_ERROR",
                f'Source and destination subgraphs "{self.origin}" are the same for overridden field '
                f'"{self.coordinate}"',
            )
            return False
        if self.origin_index in taking:
            self.error(
                "OVERRIDE_SOURCE_HAS_OVERRIDE",
                f'Field "{self.coordinate}" on subgraph "{self.target}" is also marked with directive @override in '
                f'subgraph "{self.origin}". Only one @override directive is allowed per field.',
            )
            return False
        return True


def _apply(move: _Move, sources: Sequence[Field | None], parents: Sequence, overrides: Overrides) -> None:
    origin = move.origin_index
    if origin is None:
        known = [s.name for s in move.context.subgraphs]
        overrides.unknown[move.index] = move.origin
        move.hint(
            "FROM_SUBGRAPH_DOES_NOT_EXIST",
            f'Source subgraph "{move.origin}" for field "{move.coordinate}" on subgraph "{move.target}" does not '
            f"exist.{did_you_mean(move.origin, known)}",
        )
        return
    overridden = sources[origin]
    if overridden is None:
        _without_source(move)
        return
    if _collides(move, overridden):
        return
    if move.context.is_external(origin, move.coordinate):
        move.hint(
            "OVERRIDE_DIRECTIVE_CAN_BE_REMOVED",
            f'Field "{move.coordinate}" on subgraph "{move.target}" is not resolved anymore by the from subgraph (it '
            f'is marked "@external" in "{move.origin}"). The @override directive can be removed.',
        )
    else:
        _take_over(move, origin, overrides)
    if move.label is not None:
        _migrate(move, origin, overrides)


def _without_source(move: _Move) -> None:
    """The overridden subgraph has no such field, or has it through an interface object."""
    origin = move.origin_index
    abstracting = _abstracting_interface(move, origin) if origin is not None else None
    if abstracting is not None:
        move.error(
            "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE",
            f'Invalid @override on field "{move.coordinate}" of subgraph "{move.target}": source subgraph '
            f'"{move.origin}" '
            f'does not have field "{move.coordinate}" but abstract it in type "{abstracting}" and overriding '
            "abstracted "
            f"fields is not supported.",
        )
        return
    move.hint(
        "OVERRIDE_DIRECTIVE_CAN_BE_REMOVED",
        f'Field "{move.coordinate}" on subgraph "{move.target}" no longer exists in the from subgraph. '
        f"The @override directive can be removed.",
    )


def _abstracting_interface(move: _Move, origin: int) -> str | None:
    type_name, field_name = move.coordinate.split(".")
    source = move.context.subgraphs[origin]
    interfaces = sorted(other for name, other in move.context.subtypes if name == type_name)
    for interface in interfaces:
        stand_in = source.type(interface)
        if stand_in is not None and stand_in.is_interface_object and field_name in stand_in.fields:
            return interface
    return None


def _collides(move: _Move, overridden: Field) -> bool:
    """Whether a directive excludes the override: @requires and @provides where it moves from, @external where to."""
    found = next(((name, move.origin) for name in ("requires", "provides") if overridden.has(name)), None)
    if found is None and move.context.is_external(move.index, move.coordinate):
        found = ("external", move.target)
    if found is not None:
        name, subgraph = found
        move.error(
            "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE",
            f'@override cannot be used on field "{move.coordinate}" on subgraph "{move.target}" since '
            f'"{move.coordinate}" on "{subgraph}" is marked with directive "@{name}"',
        )
    return found is not None


_STILL_USED = (
    " It is still used in some federation directive(s) (@key, @requires, and/or @provides) and/or to satisfy interface "
    "constraint(s)"
)


def _take_over(move: _Move, origin: int, overrides: Overrides) -> None:
    needed = move.coordinate in move.context.usages[origin].used
    (overrides.used if needed else overrides.unused).add(origin)
    if move.label is None:
        advice = ", but consider marking it @external explicitly or removing it along with its references."
        tail = f"{_STILL_USED}{advice}" if needed else " Consider removing it."
        message = f'Field "{move.coordinate}" on subgraph "{move.origin}" is overridden.{tail}'
        move.hint("OVERRIDDEN_FIELD_CAN_BE_REMOVED", message)


def _migrate(move: _Move, origin: int, overrides: Overrides) -> None:
    """A label moves the field for some requests only, even one that is external where it moves from."""
    _label(move, origin, overrides)
    done = " Once the migration is complete, consider "
    tail = f"{done}removing it."
    if move.coordinate in move.context.usages[origin].used:
        tail = f"{_STILL_USED}.{done}marking it @external explicitly or removing it along with its references."
    move.hint(
        "OVERRIDE_MIGRATION_IN_PROGRESS",
        f'Field "{move.coordinate}" on subgraph "{move.origin}" is currently being migrated via progressive '
        f"@override.{tail}",
    )


def _label(move: _Move, origin: int, overrides: Overrides) -> None:
    label = move.label or ""
    if _LABEL.fullmatch(label) or _PERCENT.fullmatch(label):
        overrides.labels |= {move.index: label, origin: label}
        return
    move.error(
        "OVERRIDE_LABEL_INVALID",
        f'Invalid @override label "{label}" on field "{move.coordinate}" on subgraph "{move.target}": labels '
        "must start "
        f"with a letter and after that may contain alphanumerics, underscores, minuses, colons, periods, or slashes. "
        f'Alternatively, labels may be of the form "percent(x)" where x is a float between 0-100 inclusive.',
    )
