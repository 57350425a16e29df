"""Fields that read contexts in; requests of their own for them out, which wait until the contexts are known.

Each is made beside the request that the field would otherwise be in; the optimiser joins the two where it may.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from gateway.planning.contexts import reading, sources_of, without_reading
from gateway.planning.contextual import Contextual
from gateway.planning.errors import UnplannableField
from gateway.planning.fetches import ContextValue, FetchStep
from gateway.planning.graph import Graph
from gateway.planning.names import Keys, ResponseKeys
from gateway.planning.selections import Conditions, Field, Fragment, Selections, merged

VARIABLE = "contextualArgument"


@dataclass(frozen=True, slots=True)
class Position:
    """Where a field stands: the keys and types of the objects from the root to its own, and when it is there."""

    chain: tuple[tuple[Keys, str], ...]
    conditions: Conditions


@dataclass(slots=True)
class Asides:
    """The asides of one fetch graph while it is built. `steps` is the builder's own list, to which they are added."""

    graph: Graph
    names: ResponseKeys
    steps: list[FetchStep]
    taken: frozenset[str]
    _roots: dict[int, Keys] = field(default_factory=dict)
    _standing: dict[Keys, set[int]] = field(default_factory=dict)
    _asides: dict[int, dict[frozenset[str], int]] = field(default_factory=dict)
    _awaited: dict[int, frozenset[Keys]] = field(default_factory=dict)

    def started(self, step: int, keys: Keys) -> None:
        """Take note where the objects are that a step is asked for."""
        self._roots[step] = keys

    def stands(self, keys: Keys, step: int | None) -> None:
        """Take note in which step's answer a field stands."""
        if step is not None:
            self._standing.setdefault(keys, set()).add(step)

    def aside(self, step: int, item: Field, arguments: tuple[Contextual, ...], position: Position) -> tuple[int, Field]:
        """The step that a field goes to which reads contexts, and the field with the arguments that it is given.

        Raises:
            UnplannableField: nothing above the field sets a context that it reads.
        """
        variables = {argument: self._variable(argument) for argument in arguments}
        given = [*([item.arguments[1:-1]] if item.arguments else []), *(f"{a.name}:${v}" for a, v in variables.items())]
        used = (*item.variables, *variables.values())
        item = replace(item, arguments=f"({','.join(given)})", variables=used)
        names = frozenset(variables.values())
        if names <= {value.variable for value in self.steps[step].contexts}:
            return step, item
        beside = self._asides.setdefault(step, {})
        if names not in beside:
            beside[names] = self._beside(step)
        aside = beside[names]
        values = [value for each in variables.items() for value in self._values(step, aside, item.name, each, position)]
        self.steps[aside] = replace(
            self.steps[aside],
            contexts=tuple(dict.fromkeys((*self.steps[aside].contexts, *values))),
            conditions=self.steps[aside].conditions | {position.conditions},
        )
        return aside, item

    def part(self, step: int, selections: Selections, path: tuple[str, ...]) -> None:
        """Complete a step: each of its asides takes the fields that it was made for."""
        beside = self._asides.get(step, {})
        every = frozenset[str]().union(*beside)
        for names, aside in beside.items():
            self.part(aside, reading(selections, names, every - names), path)
        if beside:
            selections = without_reading(selections, every)
        self.steps[step] = replace(self.steps[step], selections=selections, path=path)

    def finished(self) -> tuple[FetchStep, ...]:
        """All steps, parents first; those of which everything went to asides are left out.

        Raises:
            UnplannableField: a context cannot be known before what reads it.
        """
        if not self._asides:
            return tuple(self.steps)
        emptied = {step for step in self._asides if not self.steps[step].selections}
        parents = {step.id: step.parents | self._awaiting(step.id) for step in self.steps}
        ordered: dict[int, FetchStep] = {}
        while waiting := [step for step in self.steps if step.id not in ordered]:
            ready = [step for step in waiting if parents[step.id] <= ordered.keys()]
            if not ready:
                raise UnplannableField("a field reads a context that cannot be known before the field itself")
            for step in ready:
                own = {up for up in parents[step.id] if up not in emptied}
                own |= {up for gone in parents[step.id] & emptied for up in ordered[gone].parents}
                ordered[step.id] = replace(step, parents=frozenset(own))
        return tuple(step for step in ordered.values() if step.id not in emptied)

    def _awaiting(self, step: int) -> frozenset[int]:
        found = (self._standing.get(keys, set()) for keys in self._awaited.get(step, ()))
        return frozenset().union(*found)

    def _beside(self, step: int) -> int:
        """A new step for the same objects, with what the first one reads and waits for."""
        aside = replace(self.steps[step], id=len(self.steps), selections=(), conditions=frozenset())
        self.steps.append(aside)
        self._roots[aside.id] = self._roots[step]
        self._awaited[aside.id] = self._awaited.get(step, frozenset())
        return aside.id

    def _variable(self, argument: Contextual) -> str:
        prefix = VARIABLE
        while any(name.startswith(prefix) for name in self.taken):
            prefix = f"_{prefix}"
        return f"{prefix}_{argument.number}"

    def _values(
        self, step: int, aside: int, name: str, given: tuple[Contextual, str], position: Position
    ) -> Iterator[ContextValue]:
        argument, variable = given
        sources = sources_of(self.graph, argument, [type_name for _, type_name in position.chain])
        if not sources:
            type_name = position.chain[-1][1]
            raise UnplannableField(f"{type_name}.{name} reads a context that nothing above it sets in this operation")
        for source in sources:
            keys = position.chain[source.position][0]
            up = len(self._roots[step]) - len(keys)
            for path, awaited in self._paths(source.selections, keys):
                self._awaited[aside] |= awaited
                yield ContextValue(variable, argument.type, up, (f"... on {source.type}", *path))

    def _paths(self, selections: Selections, keys: Keys) -> Iterator[tuple[tuple[str, ...], frozenset[Keys]]]:
        """The ways to the leaves, and all places that must have been answered for them."""
        for item in merged(selections):
            if isinstance(item, Fragment):
                for path, awaited in self._paths(item.selections, keys):
                    yield (f"... on {item.type_condition}", *path), awaited
                continue
            key = self.names.key_of(item, keys)
            here = (*keys, key)
            for path, awaited in self._paths(item.selections, here) if item.selections else [((), frozenset())]:
                yield (key, *path), awaited | {here}
