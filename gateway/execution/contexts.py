"""What a fetch reads from the objects around those it asks for: data in; its variables' values, or why not, out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from gateway.execution.failures import Failure, lost, unavailable
from gateway.execution.fetch_operation import Selected
from gateway.execution.program import ContextPath, FetchSpec
from gateway.execution.reduced import Reduced
from gateway.execution.representations import CONDITION_PREFIX, TYPENAME, moved
from gateway.execution.schema_index import SchemaIndex
from gateway.execution.variables import Remainder, without_variables

Objects = tuple[dict[str, Any], ...]
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Group:
    """Objects of a fetch that share what their contexts hold: `given` by variable, as JSON.

    `spec` is the fetch without the fields that cannot be asked for, None when nothing is left; `failed` says which
    these are and why. Equal keys, equal groups.
    """

    key: tuple[str | bytes, ...]
    spec: FetchSpec | None
    given: Mapping[str, bytes]
    failed: tuple[tuple[tuple[Selected, ...], Failure], ...]


@dataclass(slots=True)
class Contexts:
    """The contexts of one fetch of one request."""

    spec: FetchSpec
    index: SchemaIndex
    _rest: dict[frozenset[str], Remainder] = field(default_factory=dict)

    def group(self, entity: dict[str, Any], around: Objects) -> Group:
        """The group of an object; `around` has the objects from the root to the one that holds it."""
        chain = (*around, entity)
        values = {name: self._value(name, paths, chain) for name, paths in self.spec.contexts}
        failures = {name: value for name, value in values.items() if type(value) is Failure}
        if not failures:
            return _group(self.spec, values)
        names = frozenset(failures)
        if names not in self._rest:
            self._rest[names] = without_variables(self.spec, names)
        rest = self._rest[names]
        failed = tuple((rest.gone[name], failure) for name, failure in failures.items() if name in rest.gone)
        return _group(rest.spec, values, failed)

    def _value(self, name: str, paths: tuple[ContextPath, ...], chain: Objects) -> Any:
        """The value for a variable: from the nearest of its places that has one (a failure is one)."""
        found: Any = _ABSENT
        for path in paths:
            if path.up < len(chain):
                found = _joined(found, self._at(chain[-1 - path.up], path.path))
        if found is _ABSENT:
            return self._missing("is missing")
        if (failure := _failure_in(found)) is not None:
            return moved(failure)
        if found is None and self._promised(name):
            return self._missing("is null")
        return _filled(found)

    def _promised(self, name: str) -> bool:
        """Whether the subgraph takes no null for the variable."""
        return any(text.endswith("!") for each, text in self.spec.operation.variable_definitions if each == name)

    def _missing(self, how: str) -> Failure:
        reason = f"could not be asked, because a value it needs from a context {how}"
        return lost(unavailable(self.spec.subgraph, reason))

    def _at(self, value: Any, path: tuple[str, ...]) -> Any:
        """What is at a path below a value: lists are passed through, null and failures end it."""
        if type(value) is list:
            return [self._at(item, path) for item in value]
        if type(value) is Reduced:
            value = value.internal
        if not path or type(value) is not dict:
            return value
        head, rest = path[0], path[1:]
        if not head.startswith(CONDITION_PREFIX):
            return self._at(value[head], rest) if head in value else _ABSENT
        name, condition = value.get(TYPENAME), head.removeprefix(CONDITION_PREFIX)
        # An interface object's name may stand for any type behind it.
        if type(name) is not str or self.index.matches(name, condition) or self.index.matches(condition, name):
            return self._at(value, rest)
        return _ABSENT


def _group(
    spec: FetchSpec | None, values: Mapping[str, Any], failed: tuple[tuple[tuple[Selected, ...], Failure], ...] = ()
) -> Group:
    given = {name: msgspec.json.encode(values[name]) for name, _ in spec.contexts} if spec else {}
    return Group((spec.operation.text if spec else "", *given.values()), spec, given, failed)


def _joined(first: Any, second: Any) -> Any:
    """What was found at one place, completed by another where it was of a type that has nothing there."""
    if first is _ABSENT:
        return second
    if type(first) is list and type(second) is list and len(first) == len(second):
        return [_joined(one, other) for one, other in zip(first, second, strict=True)]
    return first


def _failure_in(value: Any) -> Failure | None:
    if type(value) is list:
        return next((failure for item in value if (failure := _failure_in(item)) is not None), None)
    return value if type(value) is Failure else None


def _filled(value: Any) -> Any:
    if type(value) is list:
        return [_filled(item) for item in value]
    return None if value is _ABSENT else value
