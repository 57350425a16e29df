"""What goes into composition and what comes out of it: subgraph definitions in, the supergraph's SDL and hints out."""

from dataclasses import dataclass

from gateway.composition.hints import Hint


@dataclass(frozen=True, slots=True)
class SubgraphDefinition:
    """One subgraph as its owner publishes it: `name` is unique, `url` may be empty, `sdl` is the schema's text."""

    name: str
    url: str
    sdl: str


@dataclass(frozen=True, slots=True)
class Composition:
    """A composed supergraph: join v0.5 SDL in stable bytes, and the hints in the order they arose."""

    supergraph_sdl: str
    hints: tuple[Hint, ...]
