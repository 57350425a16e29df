"""The fewest fetches and levels an operation can be answered with, found by trying everything: an oracle for small
operations without conditions and aliases. Shares the graph with the planner, and nothing of how it chooses."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations

from gateway.planning.graph import Graph
from gateway.planning.normalise import Operation
from gateway.planning.selections import TYPENAME, Field, Fragment, Selections

Fact = tuple[int, str]
"""A field of a spot whose value, or whose object, is had."""
Entry = tuple[tuple[str, ...], str]
"""A fetch: response keys of the objects it looks up, and the subgraph."""
INTERNAL_DEPTH = 8


class NotJudged(Exception):
    """The operation has something this oracle does not know, or too many ways."""


@dataclass(eq=False, slots=True)
class Spot:
    """Objects of one type at one place of the response, and what may be fetched of them."""

    number: int
    type: str
    path: tuple[str, ...]
    children: dict[str, dict[str, "Spot"]] = field(default_factory=dict)
    arguments: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Puzzle:
    """The spots of an operation with the fields that its answer needs, and those that look-ups may need."""

    graph: Graph
    spots: list[Spot] = field(default_factory=list)
    wanted: set[Fact] = field(default_factory=set)

    def spot(self, type_name: str, path: tuple[str, ...], depth: int) -> Spot:
        """A new spot, with the inputs of every look-up of its type."""
        if any(subgraph for subgraph, name in self.graph.interface_objects if type_name in self._members(name)):
            raise NotJudged("interface objects")
        found = Spot(len(self.spots), type_name, path)
        self.spots.append(found)
        if len(self.spots) > 60:
            raise NotJudged("too many places")
        if depth < INTERNAL_DEPTH:
            for target in self.graph.targets.get(type_name, ()):
                self.add(found, target.key, depth + 1)
                for name in list(found.children):
                    resolver = self.graph.resolver(target.subgraph, type_name, name)
                    if resolver and resolver.requires:
                        self.add(found, resolver.requires, depth + 1)
        return found

    def add(self, spot: Spot, selections: Selections, depth: int = 0) -> None:
        """Note what is selected of a spot; at depth 0 it is wanted by the client."""
        for item in selections:
            if isinstance(item, Fragment):
                if self.graph.overlaps(spot.type, item.type_condition):
                    self.add(spot, item.selections, depth)
                continue
            if item.conditions or item.key != item.name:
                raise NotJudged("conditions or aliases")
            if depth == 0:
                self.wanted.add((spot.number, item.name))
            if item.name == TYPENAME:
                continue
            if spot.arguments.setdefault(item.name, item.arguments) != item.arguments:
                raise NotJudged("one field with different arguments")
            self._descend(spot, item, depth)

    def _descend(self, spot: Spot, item: Field, depth: int) -> None:
        known = spot.children.get(item.name)
        if known is None:
            known = spot.children[item.name] = {}
            for target in self.graph.targets.get(spot.type, ()):
                resolver = self.graph.resolver(target.subgraph, spot.type, item.name)
                if resolver and resolver.requires and depth < INTERNAL_DEPTH:
                    self.add(spot, resolver.requires, depth + 1)
        if not item.selections:
            return
        for type_name in sorted(self._types(spot, item.name)):
            below = known.get(type_name) or self.spot(type_name, (*spot.path, item.name), depth)
            known[type_name] = below
            self.add(below, item.selections, depth)

    def _types(self, spot: Spot, name: str) -> frozenset[str]:
        found = {
            self.graph.possible.get((subgraph, resolvers[name].named_type), frozenset())
            for (subgraph, type_name), resolvers in self.graph.fields.items()
            if type_name == spot.type and name in resolvers
        }
        if len(found) != 1:
            raise NotJudged("subgraphs that know different members")
        return found.pop()

    def _members(self, name: str) -> frozenset[str]:
        return self.graph.possible_anywhere.get(name, frozenset()) | {name}

    def entered(self, known: frozenset[Fact], entry: Entry) -> frozenset[Fact]:
        """What is had after a look-up: all that the subgraph can tell of objects whose keys are had."""
        path, subgraph = entry
        found: set[Fact] = set()
        for spot in self.spots:
            if spot.path != path:
                continue
            for target in self.graph.targets.get(spot.type, ()):
                here = not path or (spot.number, TYPENAME) in known
                if target.subgraph == subgraph and here and self._had(spot, target.key, known):
                    self._tell(spot, subgraph, (), known, found)
        return known | found

    def _tell(
        self, spot: Spot, subgraph: str, provided: Selections, before: frozenset[Fact] | None, found: set[Fact]
    ) -> None:
        """Everything `subgraph` answers of an object it holds; what is required must have been had `before`."""
        found.add((spot.number, TYPENAME))
        for name, children in spot.children.items():
            resolver = self.graph.resolver(subgraph, spot.type, name)
            if resolver is None:
                continue
            given = [item for item in self._applying(spot.type, provided) if item.name == name]
            ready = before is not None and not resolver.external and self._had(spot, resolver.requires, before)
            if not (given or ready or not (resolver.external or resolver.requires)):
                continue
            found.add((spot.number, name))
            below = resolver.provides + tuple(each for item in given for each in item.selections)
            for child in children.values():
                self._tell(child, subgraph, below, None, found)

    def _had(self, spot: Spot, inputs: Selections, known: frozenset[Fact]) -> bool:
        return all(
            (spot.number, item.name) in known
            and all(self._had(child, item.selections, known) for child in spot.children.get(item.name, {}).values())
            for item in self._applying(spot.type, inputs)
        )

    def _applying(self, type_name: str, selections: Selections) -> Iterator[Field]:
        for item in selections:
            if isinstance(item, Fragment):
                if self.graph.overlaps(type_name, item.type_condition):
                    yield from self._applying(type_name, item.selections)
            elif item.name != TYPENAME:
                yield item

    def entries(self) -> list[Entry]:
        """Every look-up that could be made."""
        return sorted(
            {(spot.path, target.subgraph) for spot in self.spots for target in self.graph.targets.get(spot.type, ())}
        )


def puzzle_of(graph: Graph, operation: Operation) -> Puzzle:
    """The operation as a puzzle.

    Raises:
        NotJudged: it has something this oracle does not know.
    """
    puzzle = Puzzle(graph)
    puzzle.add(puzzle.spot(operation.root_type, (), 0), operation.selections)
    return puzzle


@dataclass(slots=True)
class Search:
    """Looks for a way to answer a puzzle within so many fetches and levels."""

    puzzle: Puzzle
    tries: int = 60_000
    seen: dict[tuple[frozenset[Fact], int], int] = field(default_factory=dict)

    def possible(self, known: frozenset[Fact], fetches: int, levels: int, level: int = 0) -> bool:
        """Whether everything wanted can be had from what is known."""
        if self.puzzle.wanted <= known:
            return True
        if fetches == 0 or levels == 0 or self.seen.get((known, levels), -1) >= fetches:
            return False
        self.seen[known, levels] = fetches
        useful = []
        for entry in self.puzzle.entries():
            if (not entry[0]) == (level == 0) and (gained := self.puzzle.entered(known, entry) - known):
                useful.append(gained)
        for count in range(1, min(fetches, len(useful)) + 1):
            for chosen in combinations(useful, count):
                self.tries -= 1
                if self.tries < 0:
                    raise NotJudged("too many ways")
                if self.possible(known.union(*chosen), fetches - count, levels - 1, level + 1):
                    return True
        return False


def fewest(graph: Graph, operation: Operation, fetches: int, depth: int) -> tuple[int, int]:
    """The fewest fetches of a plan of at most that depth, and the least depth of any; for queries of that many at most.

    Raises:
        NotJudged: it has something this oracle does not know, or too many ways.
    """
    puzzle = puzzle_of(graph, operation)
    known, least, entries = frozenset[Fact](), 0, puzzle.entries()
    while not puzzle.wanted <= known and least <= depth:
        before, least = known, least + 1
        known = known.union(*(puzzle.entered(before, entry) for entry in entries if bool(entry[0]) == (least > 1)))
    search = Search(puzzle)
    for count in range(fetches):
        if search.possible(frozenset(), count, depth):
            return count, least
    return fetches, least
