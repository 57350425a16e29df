"""SDL snapshots: each subgraph's schema kept under `schema/subgraphs/`, so that every change is seen in
review. Reads only: `leds/snapshots.py` writes them, together with the supergraph they compose to."""

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import schema
import subgraphs

FOLDER = Path(schema.__path__[0]) / "subgraphs"


def product_names() -> tuple[str, ...]:
    """The products that have a subgraph, by name."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(subgraphs.__path__) if module.ispkg))


def printed_schemas() -> Mapping[str, str]:
    """Each product's SDL as its subgraph serves it today."""
    return {name: f"{import_module(f'subgraphs.{name}').app.sdl.rstrip()}\n" for name in product_names()}


def outdated(folder: Path = FOLDER) -> tuple[str, ...]:
    """The products whose snapshot differs from what is served, and snapshots that no product has."""
    kept = {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("*.graphql")}
    served = printed_schemas()
    return tuple(sorted(name for name in kept.keys() | served.keys() if kept.get(name) != served.get(name)))
