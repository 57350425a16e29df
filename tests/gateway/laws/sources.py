"""Sets of subgraphs by name: the audit's (when the corpora are there), our own, and those of the planning cases."""

from pathlib import Path

from gateway.composition.compose import SubgraphDefinition
from tests.gateway.planning.corpora import CORPORA, REPOSITORY, audit_suites

OWN = REPOSITORY / "schema" / "subgraphs"
CONTEXTS = Path(__file__).parent / "context_suites"
CASES = Path(__file__).parents[1] / "planning" / "cases"


def audit_sources() -> dict[str, tuple[SubgraphDefinition, ...]]:
    """The audit's suites by name; none when the corpora are absent."""
    if not CORPORA.is_dir():
        return {}
    return {
        suite["suite"]: tuple(SubgraphDefinition(s["name"], s["url"], s["sdl"]) for s in suite["subgraphs"])
        for suite in audit_suites()
    }


def case_sources() -> dict[str, tuple[SubgraphDefinition, ...]]:
    """The subgraphs of every planning case."""
    return {folder.name: _folder(folder) for folder in sorted(CASES.iterdir())}


def context_sources() -> dict[str, tuple[SubgraphDefinition, ...]]:
    """Subgraphs whose fields read from contexts."""
    return {folder.name: _folder(folder) for folder in sorted(CONTEXTS.iterdir())}


def own_sources() -> dict[str, tuple[SubgraphDefinition, ...]]:
    """The products' published subgraphs, as one set."""
    return {"leds": _folder(OWN)}


def _folder(folder: Path) -> tuple[SubgraphDefinition, ...]:
    files = sorted(file for file in folder.glob("*.graphql") if file.stem != "operation")
    return tuple(
        SubgraphDefinition(file.stem, f"http://{file.stem}.invalid/graphql", file.read_text(encoding="utf-8"))
        for file in files
    )
