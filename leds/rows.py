"""Rows of JSON in, a row of JSON each out, in order and at once; a row that is bad costs only its own answer."""

import json
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLSyntaxError,
    KnownDirectivesRule,
    UniqueDirectivesPerLocationRule,
    VariablesInAllowedPositionRule,
    parse,
    specified_rules,
    validate,
)
from graphql.validation import (
    DeferStreamDirectiveLabel,
    DeferStreamDirectiveOnRootField,
    DeferStreamDirectiveOnValidOperationsRule,
    StreamDirectiveOnListField,
)

from gateway.composition.compose import compose
from gateway.composition.definition import SubgraphDefinition
from gateway.composition.errors import CompositionError, CompositionFailed
from gateway.composition.supergraph import supergraph_from_sdl
from gateway.errors import SyntaxRefused, ValidationRefused
from gateway.lru import Lru
from gateway.planning.planner import Planner
from leds.errors import RowInvalid
from schema.errors import CodedError, InternalError

Row = Mapping[str, Any]
Answer = Callable[[Row], dict[str, Any]]
PLANNERS_KEPT = 16
# A plan depends on what is selected where. How directives and variables are used there is for the gateway to refuse:
# corpora hold operations of servers with other directives.
_NO_MATTER_FOR_PLANS = (
    KnownDirectivesRule,
    UniqueDirectivesPerLocationRule,
    VariablesInAllowedPositionRule,
    DeferStreamDirectiveLabel,
    DeferStreamDirectiveOnRootField,
    DeferStreamDirectiveOnValidOperationsRule,
    StreamDirectiveOnListField,
)
PLANNING_RULES = tuple(rule for rule in specified_rules if rule not in _NO_MATTER_FOR_PLANS)


def answers(lines: Iterable[bytes], answer: Answer) -> Iterator[str]:
    """One line of JSON for each line of JSON that is not blank: `answer`'s members after the row's `id`."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield json.dumps(_answered(line, number, answer))


def print_rows(answer: Answer) -> None:
    """Answers standard input on standard output, each row as soon as it is read."""
    for line in answers(sys.stdin.buffer, answer):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def composed_row(row: Row) -> dict[str, Any]:
    """`{subgraphs: [{name, url, sdl}]}` in; `{supergraph_sdl, hints: [{code, message}]}` or `{errors}` out.

    Raises:
        RowInvalid: the row has no such subgraphs.
    """
    try:
        composition = compose(_definitions(row))
    except CompositionFailed as failure:
        return {"errors": error_entries(failure.errors)}
    hints = [{"code": hint.code, "message": hint.message} for hint in composition.hints]
    return {"supergraph_sdl": composition.supergraph_sdl, "hints": hints}


def error_entries(errors: Iterable[CompositionError]) -> list[dict[str, Any]]:
    """Composition errors as JSON values: `{code, message, locations: [{subgraph, line, column}]}`."""
    return [
        {
            "code": error.code,
            "message": error.message,
            "locations": [
                {"subgraph": place.subgraph, "line": place.line, "column": place.column} for place in error.locations
            ],
        }
        for error in errors
    ]


def plan_rows() -> Answer:
    """An answer for `{supergraph_sdl, operation, operation_name?}`: `{plan, fetches, depth}` or `{errors}`.

    Rows with the same supergraph share one planner. The answer raises RowInvalid, InvalidSupergraph, PlanningError.
    """
    planners: Lru[Planner] = Lru(PLANNERS_KEPT)

    def answer(row: Row) -> dict[str, Any]:
        sdl = _text(row, "supergraph_sdl")
        operation = _text(row, "operation")
        name = _text(row, "operation_name") if row.get("operation_name") is not None else None
        return _planned(planners.get_or(sdl, lambda: Planner(supergraph_from_sdl(sdl))), operation, name)

    return answer


def fetch_count(node: Any) -> int:
    """How many Fetch nodes a plan in Apollo's JSON has, over all branches."""
    if isinstance(node, list):
        return sum(map(fetch_count, node))
    if not isinstance(node, Mapping):
        return 0
    return (node.get("kind") == "Fetch") + sum(fetch_count(child) for _, child in _children(node))


def sequential_depth(node: Row) -> int:
    """How many fetches wait for one another in a plan in Apollo's JSON: a sum along Sequence, else the maximum."""
    if node.get("kind") == "Fetch":
        return 1
    depths = [sequential_depth(item) for _, child in _children(node) for item in _listed(child)]
    return sum(depths) if node.get("kind") == "Sequence" else max(depths, default=0)


def _children(node: Row) -> list[tuple[str, Any]]:
    return [(name, node[name]) for name in ("node", "nodes", "ifClause", "elseClause") if node.get(name)]


def _listed(child: Any) -> Sequence[Row]:
    return child if isinstance(child, list) else [child]


def _answered(line: bytes, number: int, answer: Answer) -> dict[str, Any]:
    identity: Any = None
    try:
        row = _row(line, number)
        identity = row.get("id")
        return {"id": identity} | answer(row)
    except CodedError as error:
        return {"id": identity, "errors": [_entry(error)]}
    except RecursionError:
        return {"id": identity, "errors": [_entry(RowInvalid(f"Line {number} nests too deeply."))]}
    except Exception as error:  # a fault of ours in one row must not end the run; its type says where to look
        entry = _entry(InternalError("")) | {"message": f"Line {number} made us fail: {type(error).__name__}."}
        return {"id": identity, "errors": [entry]}


def _row(line: bytes, number: int) -> Row:
    try:
        row = json.loads(line.decode("utf-8"), parse_float=_finite, parse_constant=_no_constant)
    except ValueError as error:
        raise RowInvalid(f"Line {number} is not JSON in UTF-8.") from error
    if not isinstance(row, Mapping):
        raise RowInvalid(f"Line {number} is not a JSON object.")
    return row


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is out of range")
    return number


def _entry(error: CodedError) -> dict[str, Any]:
    return {"code": error.code, "message": error.message, "locations": []}


def _definitions(row: Row) -> tuple[SubgraphDefinition, ...]:
    found = row.get("subgraphs")
    if not isinstance(found, list) or not found:
        raise RowInvalid("The row lacks a list `subgraphs`.")
    return tuple(_definition(number, item) for number, item in enumerate(found, 1))


def _definition(number: int, item: Any) -> SubgraphDefinition:
    if not isinstance(item, Mapping):
        raise RowInvalid(f"Subgraph {number} is not a JSON object.")
    url = item.get("url")
    if url is not None and not isinstance(url, str):
        raise RowInvalid(f"Subgraph {number} has a `url` that is no text.")
    return SubgraphDefinition(_text(item, "name"), url or "", _text(item, "sdl"))


def _text(row: Row, name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str):
        raise RowInvalid(f"The row lacks a text `{name}`.")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise RowInvalid(f"`{name}` holds half of a character (a lone surrogate).") from error
    return value


def _planned(planner: Planner, operation: str, name: str | None) -> dict[str, Any]:
    try:
        document = parse(operation)
    except GraphQLSyntaxError as error:
        return {"errors": [_graphql_entry(SyntaxRefused.code, error)]}
    if errors := validate(planner.supergraph.api_schema, document, PLANNING_RULES):
        return {"errors": [_graphql_entry(ValidationRefused.code, error) for error in errors]}
    plan = planner.plan(document, name).to_json()
    return {"plan": plan, "fetches": fetch_count(plan), "depth": sequential_depth(plan)}


def _graphql_entry(code: str, error: GraphQLError) -> dict[str, Any]:
    places = [{"line": place.line, "column": place.column} for place in error.locations or ()]
    return {"code": code, "message": error.message, "locations": places}
