"""A failure of a law as a file that reproduces it: `python -m tests.gateway.laws.counterexample FILE`."""

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from gateway.composition.compose import SubgraphDefinition
from tests.gateway.laws.law import Federation, disagreement, federation_of
from tests.gateway.laws.operations import Operation
from tests.gateway.laws.shrink import shrunk
from tests.gateway.laws.world import Chances, World

BUILD = Path(__file__).parents[3] / "build" / "laws"


@dataclass(frozen=True, slots=True)
class Counterexample:
    """Subgraphs, a world of theirs and an operation on which the gateway and one server disagree."""

    subgraphs: tuple[SubgraphDefinition, ...]
    seed: int
    chances: Chances
    operation: Operation

    def save(self, path: Path) -> None:
        """Write the file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "Counterexample":
        """Read the file."""
        data = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            subgraphs=tuple(SubgraphDefinition(**item) for item in data["subgraphs"]),
            seed=data["seed"],
            chances=Chances(**data["chances"]),
            operation=Operation(**data["operation"]),
        )

    async def found(self, federation: Federation | None = None) -> str | None:
        """How the answers differ, None if they do not."""
        federation = federation or federation_of(self.subgraphs)
        return await disagreement(federation, World(federation.ground, self.seed, self.chances), self.operation)


async def smallest(
    subgraphs: Sequence[SubgraphDefinition], federation: Federation, world: World, operation: Operation
) -> Counterexample:
    """The failing operation made small, in a world without faults if it fails there too."""
    calm = World(world.ground, world.seed)
    if await disagreement(federation, calm, operation):
        world = calm

    async def fails(smaller: Operation) -> bool:
        return bool(await disagreement(federation, world, smaller))

    small = await shrunk(operation, federation.ground.supergraph.api_schema, fails)
    return Counterexample(tuple(subgraphs), world.seed, world.chances, small)


def main() -> int:
    """Run the counterexample of a file and print what differs."""
    example = Counterexample.load(Path(sys.argv[1]))
    found = asyncio.run(example.found())
    sys.stdout.write(f"{example.operation.text}\n{dict(example.operation.variables)}\n\n{found or 'agrees now'}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
