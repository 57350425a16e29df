"""Writing subgraphs for tests: a link to federation in front of each, names A, B, C in order."""

from gateway.composition.definition import SubgraphDefinition

FEDERATION = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.11", import: [
  "@key" "@requires" "@provides" "@external" "@shareable" "@inaccessible" "@override" "@tag" "@interfaceObject"
  "@composeDirective" "@authenticated" "@requiresScopes" "@policy" "@cost" "@listSize" "@context" "@fromContext"
])
"""


def subgraphs(*sdls: str) -> list[SubgraphDefinition]:
    """Federation 2 subgraphs A, B, C … with these schemas."""
    return [
        SubgraphDefinition(name, f"http://{name}", FEDERATION + sdl) for name, sdl in zip("ABCDE", sdls, strict=False)
    ]
