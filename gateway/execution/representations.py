"""Merged data at a place in; the `_Any` representation that asks for the entity there, or why it cannot be asked
for, out."""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from gateway.execution.failures import Failure, lost, unavailable
from gateway.execution.program import FetchSpec
from gateway.execution.reduced import Reduced
from gateway.execution.schema_index import SchemaIndex
from gateway.planning.plan import KeyRenamer, RequiredField, RequiredFragment, Requirement, Rewrite, ValueSetter

TYPENAME = "__typename"
CONDITION_PREFIX = "... on "


class Unasked(Enum):
    """Why an object is not asked for: another type than the fetch serves, or nothing to identify it by."""

    OTHER_TYPE = "other type"
    KEYLESS = "keyless"


class _Blocked(Exception):
    def __init__(self, outcome: "Failure | Unasked") -> None:
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class Builder:
    """Builds the representations of one fetch."""

    spec: FetchSpec
    index: SchemaIndex

    def build(self, entity: dict[str, Any]) -> dict[str, Any] | Unasked | Failure:
        """The representation of one object.

        A null where the schema promises a value, or nothing but nulls, identifies nothing: KEYLESS. A value lost with
        an earlier fetch makes this one lost too (never "none").
        """
        try:
            representation = self._fields(self.spec.requires, entity, entity.get(TYPENAME))
        except _Blocked as blocked:
            return blocked.outcome
        if type(representation.get(TYPENAME)) is not str:
            return Unasked.OTHER_TYPE
        if all(value is None for key, value in representation.items() if key != TYPENAME):
            return Unasked.KEYLESS
        for rewrite in self.spec.input_rewrites:
            rewrite_value(representation, rewrite.path, rewrite, self.index)
        return representation

    def _fields(self, requirements: tuple[Requirement, ...], source: dict[str, Any], name: Any) -> dict[str, Any]:
        built: dict[str, Any] = {}
        for requirement in requirements:
            if isinstance(requirement, RequiredField):
                built[requirement.name] = self._value(requirement, source, name)
            elif self._applies(requirement, name):
                _merge(built, self._fields(requirement.selections, source, name))
        return built

    def _applies(self, fragment: RequiredFragment, name: Any) -> bool:
        condition = fragment.type_condition
        return condition is None or (type(name) is str and self.index.matches(name, condition))

    def _value(self, requirement: RequiredField, source: dict[str, Any], name: Any) -> Any:
        """One required value. It is read under its alias and sent under its name."""
        value = source.get(requirement.alias or requirement.name, _ABSENT)
        if value is _ABSENT:
            error = unavailable(self.spec.subgraph, "could not be asked, because a value it needs is missing")
            raise _Blocked(lost(error))
        promised = (name, requirement.name) in self.index.non_null_fields
        if type(value) is Failure:
            if value.lost or promised:
                raise _Blocked(moved(value))
            return None
        if type(value) is Reduced:
            value = value.internal
        if value is None and promised:
            raise _Blocked(Unasked.KEYLESS)
        return self._below(requirement, value)

    def _below(self, requirement: RequiredField, value: Any) -> Any:
        if type(value) is list:
            return [self._below(requirement, None if type(item) is Failure else item) for item in value]
        if requirement.selections and type(value) is dict:
            return self._fields(requirement.selections, value, value.get(TYPENAME))
        return value


_ABSENT = object()


def moved(failure: Failure) -> Failure:
    """The same causes at another field: paths below the first one mean nothing there."""
    return Failure(tuple(type(cause)(cause.error) for cause in failure.causes), failure.lost)


def _merge(target: dict[str, Any], source: dict[str, Any]) -> None:
    for key, value in source.items():
        present = target.get(key)
        if type(present) is dict and type(value) is dict:
            _merge(present, value)
        else:
            target[key] = value


def rewrite_value(value: Any, path: tuple[str, ...], rewrite: Rewrite, index: SchemaIndex) -> None:
    """Apply a rewrite in place to every object that its path reaches; lists are passed through."""
    if type(value) is list:
        for item in value:
            rewrite_value(item, path, rewrite, index)
        return
    if type(value) is not dict or not path:
        return
    head, rest = path[0], path[1:]
    if head.startswith(CONDITION_PREFIX):
        name = value.get(TYPENAME)
        if type(name) is not str or index.matches(name, head.removeprefix(CONDITION_PREFIX)):
            rewrite_value(value, rest, rewrite, index)
    elif rest:
        rewrite_value(value.get(head), rest, rewrite, index)
    elif isinstance(rewrite, ValueSetter):
        value[head] = rewrite.value
    elif head in value:
        value[rewrite.name] = value.pop(head)


def renamed(keys: tuple[Any, ...], rewrites: tuple[Rewrite, ...]) -> tuple[Any, ...]:
    """A path below the data with the names that the response knows."""
    names = {rewrite.path[-1]: rewrite.name for rewrite in rewrites if isinstance(rewrite, KeyRenamer)}
    return tuple(names.get(key, key) if isinstance(key, str) else key for key in keys)
