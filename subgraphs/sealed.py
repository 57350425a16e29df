"""Objects of sealed types are left out where a field answers with an interface or union, before they leave.

In: a schema, and the type each class of records is. Out: the same schema, its resolvers wrapped. The gateway leaves
them out again. A count is its own statement's: one over such a union must not count them either.
"""

from collections.abc import Awaitable, Callable, Mapping
from inspect import isawaitable
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    default_field_resolver,
    get_named_type,
    is_abstract_type,
)

from authz.decision import Clearance
from authz.sealed import sealing

ENTITIES = "_entities"
Resolve = Callable[..., Any]


def leave_out_sealed(schema: GraphQLSchema, names: Mapping[type, str]) -> None:
    """Let no object leave whose type is sealed to the caller; `names` are the types' names by class."""
    kinds: dict[type, GraphQLObjectType] = {}
    for origin, name in names.items():
        kind = schema.type_map.get(name)
        if isinstance(kind, GraphQLObjectType):
            kinds[origin] = kind
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType):
            for name, field in kind.fields.items():
                if name != ENTITIES and is_abstract_type(get_named_type(field.type)):
                    field.resolve = _leaving_out(field, kinds)


def _leaving_out(field: GraphQLField, kinds: Mapping[type, GraphQLObjectType]) -> Resolve:
    resolve = field.resolve or default_field_resolver

    def left(root: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
        answer = resolve(root, info, **arguments)
        clearance = info.context.clearance
        return _later(answer, kinds, clearance) if isawaitable(answer) else _without(answer, kinds, clearance)

    return left


async def _later(answer: Awaitable[Any], kinds: Mapping[type, GraphQLObjectType], clearance: Clearance) -> Any:
    return _without(await answer, kinds, clearance)


def _without(answer: Any, kinds: Mapping[type, GraphQLObjectType], clearance: Clearance) -> Any:
    if isinstance(answer, list | tuple):
        return [_without(each, kinds, clearance) for each in answer if not _is_sealed(each, kinds, clearance)]
    return None if _is_sealed(answer, kinds, clearance) else answer


def _is_sealed(value: Any, kinds: Mapping[type, GraphQLObjectType], clearance: Clearance) -> bool:
    kind = kinds.get(type(value))
    return kind is not None and sealing(kind, clearance) is not None
