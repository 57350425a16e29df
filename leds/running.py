"""What a running demo says of itself to other commands: `demo.json` under LEDS_HOME. Light to import."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Running:
    """What the demo says of itself, to people and in `demo.json` under LEDS_HOME."""

    origin: str
    issuer: str
    audience: str
    process: int


def running_demo(directory: Path) -> Running | None:
    """What the demo that keeps its state in `directory` last said of itself."""
    try:
        return Running(**json.loads((directory / "demo.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def publish(running: Running, directory: Path) -> None:
    """Say that this demo runs."""
    (directory / "demo.json").write_text(json.dumps(asdict(running)), encoding="utf-8")


def withdraw(directory: Path) -> None:
    """Say that no demo runs any more."""
    (directory / "demo.json").unlink(missing_ok=True)
