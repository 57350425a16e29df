"""Rows of the shared execution corpus: a plan, the subgraph calls recorded for it, and the response."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[3]


def shared_folder() -> Path | None:
    """The read-only conformance folder, where `LEDS_SHARED` or the folder beside the repository has it."""
    candidates = [os.environ.get("LEDS_SHARED"), REPOSITORY.parent / "shared"]
    folders = (Path(candidate) / "conformance" for candidate in candidates if candidate)
    return next((folder for folder in folders if folder.is_dir()), None)


def rows(name: str) -> Iterator[dict[str, Any]]:
    """Every row of a corpus."""
    folder = shared_folder()
    assert folder is not None
    with (folder / name).open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)
