"""Where something stands in a subgraph's SDL."""

from dataclasses import dataclass

from graphql.language import Node


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in one subgraph's SDL; line and column count from 1."""

    subgraph: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.subgraph}:{self.line}:{self.column}"


def location_of(subgraph: str, node: Node | None) -> tuple[Location, ...]:
    """The place of a node, or nothing for what composition added itself."""
    if node is None or node.loc is None:
        return ()
    start = node.loc.start_token
    return (Location(subgraph, start.line, start.column),)
