"""graphql-core's errors in; entries of a response's `errors` out, coded and without the values a caller sent."""

import re
from typing import Any

from graphql import GraphQLError

from gateway.errors import ValidationRefused, VariablesRefused
from schema.errors import CodedError

_VARIABLE = re.compile(
    r"Variable '\$(?P<name>\w+)' has invalid value(?: at \.?(?P<place>[^:]*))?: (?P<why>.*)", re.DOTALL
)
_ECHOES = (
    (re.compile(r"[;,] (?:but )?found: .*", re.DOTALL), ""),
    (re.compile(r"(cannot represent .*? value): .*", re.DOTALL), r"\1"),
    (re.compile(r"Value .* does not exist in '(\w+)' enum\.?", re.DOTALL), r"not a value of the enum '\1'"),
    (re.compile(r"unknown field '[^']*'"), "unknown fields"),
)


def entry_of_violation(error: GraphQLError) -> dict[str, Any]:
    """One violation of a validation rule, with its places; a scalar's own refusal keeps its code and reason."""
    coded = coded_cause(error)
    entry = coded.formatted() if coded else _coded(error.message, ValidationRefused)
    return entry | {"locations": [{"line": place.line, "column": place.column} for place in error.locations or ()]}


def entry_of_variable(error: GraphQLError) -> dict[str, Any]:
    """One refused variable, named with its path."""
    match = _VARIABLE.fullmatch(error.message)
    if match is None:
        return _coded("A variable does not fit its type.", VariablesRefused)
    place = "$" + match["name"] + (f".{match['place']}" if match["place"] else "")
    coded = coded_cause(error)
    if coded is not None:
        entry = coded.formatted()
        return entry | {"message": f"{place}: {entry['message']}"}
    why = match["why"]
    for pattern, replacement in _ECHOES:
        why = pattern.sub(replacement, why)
    return _coded(f"{place}: {why.rstrip('.')}.", VariablesRefused)


def syntax_message(error: GraphQLError) -> str:
    """The first line of a syntax error: the lines after it print the document."""
    return error.message.split("\n", 1)[0]


def coded_cause(error: BaseException | None) -> CodedError | None:
    """The coded error behind graphql-core's wrappers."""
    while isinstance(error, GraphQLError):
        error = error.original_error
    return error if isinstance(error, CodedError) else None


def _coded(message: str, error: type[CodedError]) -> dict[str, Any]:
    return {"message": message, "extensions": {"code": error.code, "advice": error.advice}}
