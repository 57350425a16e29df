"""Collects the errors and hints of one stage; each stage is handed one and decides nothing from it."""

from dataclasses import dataclass, field

from gateway.composition.errors import CODES, CompositionError, CompositionFailed
from gateway.composition.hints import LEVEL_OF, Hint
from gateway.composition.location import Location


@dataclass(slots=True)
class Report:
    """What has been found so far, in the order it was found."""

    errors: list[CompositionError] = field(default_factory=list)
    hints: list[Hint] = field(default_factory=list)

    def error(self, code: str, message: str, locations: tuple[Location, ...] = ()) -> None:
        """Adds an error; the code must be registered."""
        assert code in CODES, code
        self.errors.append(CompositionError(code, message, locations))

    def hint(self, code: str, message: str, coordinate: str = "", locations: tuple[Location, ...] = ()) -> None:
        """Adds a hint; the code must be registered."""
        assert code in LEVEL_OF, code
        self.hints.append(Hint(code, message, coordinate, locations))

    def stop_on_errors(self) -> None:
        """Ends composition when this stage, or one before it, found an error."""
        if self.errors:
            raise CompositionFailed(self.errors, self.hints)


def listed(names: list[str] | tuple[str, ...], singular: str = "subgraph") -> str:
    """Names in a sentence: `subgraph "A"`, `subgraphs "A" and "B"`."""
    quoted = [f'"{name}"' for name in names]
    if len(quoted) < 2:
        return f"{singular} {quoted[0]}" if quoted else f"no {singular}"
    return f"{singular}s {', '.join(quoted[:-1])} and {quoted[-1]}"
