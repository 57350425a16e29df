"""What access decisions cost: CPU of a clearance that nobody had before, and of the main query with and without them.

Cold: the coordinates that the main query touches, and all, by policies of its own after the start of a service: for its
first caller, for one unlike those before, and for first callers who lack something, whom no start foresees. Warm: the
service beside the same one without its access stages (`_without_access.py`), both asked what the persona is allowed of
the main query, in turns in one process.
"""

import asyncio
import json
import os
import statistics
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from importlib.resources import files
from pathlib import Path

from graphql import GraphQLSchema, parse, print_ast

from authz.context import RequestContext, context_from_headers
from authz.decide import Decider
from authz.decision import Decision
from authz.enforce import enforce
from authz.policy_set import policies_from_directory
from authz.principal import Principal
from authz.rules import Rules, rules_from_sdl
from bench._measure import cpu_seconds, write_result
from bench._without_access import without_access
from gateway.composition.compose import compose
from gateway.composition.supergraph import supergraph_from_sdl
from gateway.documents.request import HttpRequest
from gateway.pipeline import Pipeline
from leds.config import load_configuration
from leds.demo import MAIN_QUERY, Embedded, embedded
from leds.demo_data import prepare, recipe_for
from leds.federation import embedded_definitions
from leds.personas import PERSONAS, statement_headers

COLD_RUNS = 6
TURNS = 24
REQUESTS_A_TURN = 4
PLATE = "AB12CDE"
WARM = ("officer", "detective", "analyst", "insurer")


class Noted(Mapping[str, Decision]):
    """Decisions, and which of them were looked up."""

    def __init__(self, decisions: Mapping[str, Decision]) -> None:
        self._decisions = decisions
        self.names: dict[str, None] = {}

    def __getitem__(self, coordinate: str) -> Decision:
        self.names[coordinate] = None
        return self._decisions[coordinate]

    def __iter__(self) -> Iterator[str]:
        return iter(self._decisions)

    def __len__(self) -> int:
        return len(self._decisions)


def asking(persona: str, decider: Decider) -> tuple[Principal, RequestContext]:
    """The persona with its usual statements."""
    principal, stated_at = PERSONAS[persona].principal, int(datetime.now(UTC).timestamp())
    return principal, context_from_headers(statement_headers(persona, "bench", stated_at), principal, decider.facts)


def allowed(decider: Decider, schema: GraphQLSchema, persona: str) -> tuple[str, tuple[str, ...]]:
    """What the persona may be asked of the main query, and the coordinates that are decided for it."""
    clearance = decider.clearance(*asking(persona, decider), datetime.now(UTC))
    noted = Noted(clearance.decisions)
    document = parse(MAIN_QUERY.read_text(encoding="utf-8"), no_location=True)
    found = enforce(document, None, schema, replace(clearance, decisions=noted), decider.rules, {"vrm": PLATE})
    return print_ast(found.document or document), tuple(noted.names)


def milliseconds(work: Callable[[], object]) -> float:
    """CPU milliseconds of one run."""
    started = cpu_seconds()
    work()
    return (cpu_seconds() - started) * 1000


def started(rules: Rules) -> tuple[Decider, float]:
    """A decider as a service starts with, by policies that were asked nothing before, and the CPU milliseconds that
    it took to prepare it."""
    policies = policies_from_directory(files("authz").joinpath("policies"))
    decider = Decider(rules, policies=policies)
    return decider, milliseconds(decider.prepare)


def lacking(principal: Principal, context: RequestContext) -> Mapping[str, tuple[Principal, RequestContext]]:
    """The same caller in three classes that lack something."""
    return {
        "suspended": (replace(principal, standing="SUSPENDED"), context),
        "untrained": (replace(principal, training=()), context),
        "unstated": (principal, replace(context, justification="")),
    }


def cold(rules: Rules, schema: GraphQLSchema) -> dict[str, object]:
    """CPU milliseconds of each persona's clearance, and their highest and median; the least of several runs, since
    other work on the machine only adds."""
    by_persona, starts = {}, []
    for persona in PERSONAS:
        touched = allowed(Decider(rules), schema, persona)[1]
        runs: dict[str, list[float]] = {}
        for _ in range(COLD_RUNS):
            for what, (asked, before) in _cases(persona, rules).items():
                decider, taken = started(rules)
                starts.append(taken)
                for other in before:
                    decided(decider, *asking(other, decider), None)
                first, rest = (milliseconds(partial(decided, decider, *asked, names)) for names in (touched, None))
                runs.setdefault(f"{what} touched", []).append(first)
                runs.setdefault(f"{what} all", []).append(first + rest)
        by_persona[persona] = {kind: round(min(found), 2) for kind, found in runs.items()}
        by_persona[persona]["coordinates_touched"] = len(touched)
    kinds = [kind for kind in next(iter(by_persona.values())) if kind != "coordinates_touched"]
    return {
        "coordinates": len(rules.fields),
        "preparing_ms": round(min(starts), 1),
        "highest_ms": {kind: max(found[kind] for found in by_persona.values()) for kind in kinds},
        "medians_ms": {
            kind: round(statistics.median(found[kind] for found in by_persona.values()), 2) for kind in kinds
        },
        "least_ms": by_persona,
    }


def _cases(persona: str, rules: Rules) -> Mapping[str, tuple[tuple[Principal, RequestContext], Sequence[str]]]:
    """Who asks, and which personas asked before."""
    usual = asking(persona, Decider(rules))
    others = sorted(PERSONAS.keys() - {persona})
    found: dict[str, tuple[tuple[Principal, RequestContext], Sequence[str]]] = {
        "first": (usual, ()),
        "new": (usual, others),
    }
    return found | {name: (each, ()) for name, each in lacking(*usual).items()}


def decided(decider: Decider, principal: Principal, context: RequestContext, names: Sequence[str] | None) -> None:
    """Decide these coordinates for a caller; None: all of them."""
    decisions = decider.clearance(principal, context, datetime.now(UTC)).decisions
    for name in decisions if names is None else names:
        decisions.get(name)


def request(service: Embedded, persona: str, query: str) -> HttpRequest:
    """The query as this persona sends it."""
    body = json.dumps({"query": query, "variables": {"vrm": PLATE}}).encode()
    return HttpRequest("POST", service.headers(persona) | {"content-type": "application/json"}, "", body)


async def turn(pipeline: Pipeline, asked: HttpRequest) -> float:
    """CPU milliseconds a request of one turn."""
    started = cpu_seconds()
    for _ in range(REQUESTS_A_TURN):
        response = await pipeline.answer(asked)
    if not json.loads(response.body)["data"]["vehicle"]:
        raise SystemExit("the main query was not answered")
    return (cpu_seconds() - started) / REQUESTS_A_TURN * 1000


async def warm(rules: Rules, schema: GraphQLSchema, home: Path) -> dict[str, object]:
    """CPU of the main query with the access stages and without, by persona; `ratio` is the median of the turns'."""
    configuration, figures = load_configuration(None, {}), {}
    async with embedded(configuration) as service, without_access(service, configuration, home) as bare:
        for persona in WARM:
            whole = request(service, persona, MAIN_QUERY.read_text(encoding="utf-8"))
            part = request(service, persona, allowed(Decider(rules), schema, persona)[0])
            pair = ((service.governed.pipeline, whole), (bare, part))
            for _ in range(2):
                for each in pair:
                    await turn(*each)
            turns = []
            for number in range(TURNS):
                order = pair if number % 2 else pair[::-1]
                taken = [await turn(*each) for each in order]
                turns.append(tuple(taken if number % 2 else taken[::-1]))
            figures[persona] = {
                "with_ms": round(statistics.median(with_ for with_, _ in turns), 2),
                "without_ms": round(statistics.median(without for _, without in turns), 2),
                "ratio": round(statistics.median(with_ / without for with_, without in turns), 3),
            }
    return figures


def main() -> None:
    """Measure all of it."""
    definitions = embedded_definitions()
    rules = rules_from_sdl({each.name: each.sdl for each in definitions})
    schema = supergraph_from_sdl(compose(definitions).supergraph_sdl).api_schema
    today = date.today()
    with tempfile.TemporaryDirectory() as home:
        os.environ["LEDS_HOME"] = home
        prepare(Path(home) / "demo.sqlite", recipe_for(today, people=200), today, lambda text: None)
        warmed = asyncio.run(warm(rules, schema, Path(home)))
        write_result(
            "access",
            {"load_average": round(os.getloadavg()[0], 1), "cold": cold(rules, schema), "warm_main_query": warmed},
        )


if __name__ == "__main__":
    main()
