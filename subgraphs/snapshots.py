"""SDL snapshots: each subgraph's schema kept under `schema/subgraphs/`, so that every change is seen in review."""

import pkgutil
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import schema
import subgraphs

FOLDER = Path(schema.__path__[0]) / "subgraphs"
REGENERATE = "python -m subgraphs.snapshots"


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


def write_snapshots(folder: Path = FOLDER) -> tuple[str, ...]:
    """Bring the snapshots up to date and say which changed."""
    changed = outdated(folder)
    served = printed_schemas()
    folder.mkdir(exist_ok=True)
    for name in changed:
        path = folder / f"{name}.graphql"
        if name in served:
            path.write_text(served[name], encoding="utf-8")
        else:
            path.unlink()
    return changed


if __name__ == "__main__":
    sys.stdout.write("".join(f"changed: {name}\n" for name in write_snapshots()) or "every snapshot is up to date\n")
