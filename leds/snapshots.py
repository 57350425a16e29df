"""SDL snapshots under `schema/`: each subgraph's schema and the supergraph they compose to, as they are served today.

`python -m leds.snapshots` brings them up to date; a test fails while one is not, so every change is seen in review.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

from gateway.composition.compose import compose
from leds.federation import embedded_definitions
from subgraphs import snapshots as of_subgraphs

SUPERGRAPH = of_subgraphs.FOLDER.parent / "supergraph.graphql"
REGENERATE = "python -m leds.snapshots"


def composed_supergraph() -> str:
    """The supergraph of the service's own subgraphs, without addresses."""
    return f"{compose(embedded_definitions()).supergraph_sdl.rstrip()}\n"


def outdated(folder: Path = of_subgraphs.FOLDER, supergraph: Path = SUPERGRAPH) -> Mapping[Path, str | None]:
    """Each snapshot that differs from what is served, with the text it should have (None: it should not be)."""
    served = of_subgraphs.printed_schemas()
    wrong: dict[Path, str | None] = {
        folder / f"{name}.graphql": served.get(name) for name in of_subgraphs.outdated(folder)
    }
    composed = composed_supergraph()
    kept = supergraph.read_text(encoding="utf-8") if supergraph.exists() else None
    return wrong if kept == composed else wrong | {supergraph: composed}


def write_snapshots(folder: Path = of_subgraphs.FOLDER, supergraph: Path = SUPERGRAPH) -> tuple[Path, ...]:
    """Bring the snapshots up to date and say which changed."""
    changed = outdated(folder, supergraph)
    folder.mkdir(exist_ok=True)
    for path, text in changed.items():
        if text is None:
            path.unlink()
        else:
            path.write_text(text, encoding="utf-8")
    return tuple(changed)


if __name__ == "__main__":
    sys.stdout.write(
        "".join(f"changed: {path.name}\n" for path in write_snapshots()) or "every snapshot is up to date\n"
    )
