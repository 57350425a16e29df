"""Merging directive applications of one element: which live on, and with what arguments when subgraphs disagree."""

from collections.abc import Callable, Mapping, Sequence

from graphql.language import IntValueNode, ListValueNode, NullValueNode, StringValueNode, ValueNode, print_ast

from gateway.composition.join import Plain, applied, value
from gateway.composition.link import CONNECT
from gateway.composition.merge_context import MergeContext, present
from gateway.composition.model import Application, Element
from gateway.composition.specifications import federation_directives

BUILT_IN = ("deprecated", "specifiedBy", "oneOf")
"""Directives of the GraphQL specification that live on."""

_DEPRECATED = "No longer supported"
"""The reason @deprecated has by default."""

Merger = Callable[[Sequence[ValueNode | None]], ValueNode | None]


def merge_applications(
    context: MergeContext, sources: Sequence[Element | None], coordinate: str
) -> tuple[Application, ...]:
    """The applications the merged element carries, contexts excepted (they are renamed per subgraph)."""
    named: dict[str, list[tuple[int, Application]]] = {}
    for index, source in present(sources):
        for application in source.applications:
            name = supergraph_name(context, index, application)
            if name is not None and application.federation not in ("context", "fromContext"):
                named.setdefault(name, []).append((index, application))
    merged = (use for name, uses in named.items() for use in _merge(context, name, uses, coordinate))
    return (*merged, *join_directives(context, sources))


def supergraph_name(context: MergeContext, index: int, application: Application) -> str | None:
    """What an application of a subgraph is called in the supergraph, or None when it does not live on."""
    if application.name in BUILT_IN and application.federation is None:
        return application.name
    return context.composed.name_of(context.subgraphs[index], application)


def join_directives(context: MergeContext, sources: Sequence[Element | None]) -> tuple[Application, ...]:
    """`@join__directive` for what a router reads although it is no part of federation: connect, cacheTag."""
    carried: dict[tuple[str, str], tuple[list[int], Application]] = {}
    for index, source in present(sources):
        for application in source.applications:
            name = _carried_name(context, index, application)
            if name is not None:
                use = applied(name, application.arguments)
                carried.setdefault((name, str(use)), ([], use))[0].append(index)
    return tuple(
        applied("join__directive", {"graphs": [context.graph(i) for i in indexes], "name": name, "args": use.arguments})
        for (name, _), (indexes, use) in carried.items()
    )


def _carried_name(context: MergeContext, index: int, application: Application) -> str | None:
    if application.federation == "cacheTag":
        return "federation__cacheTag"
    source = context.subgraphs[index].links.source_of(application.name)
    return application.name if source is not None and source[0].identity == CONNECT else None


def _merge(
    context: MergeContext, name: str, uses: Sequence[tuple[int, Application]], coordinate: str
) -> list[Application]:
    """One directive's applications: repeatable ones are kept once each, others become one."""
    defaults = _defaults(context, name, uses[0][1])
    expanded = [(index, applied(name, {**defaults, **use.arguments})) for index, use in uses]
    distinct: dict[str, Application] = {}
    for (_, full), (_, use) in zip(expanded, uses, strict=True):
        distinct.setdefault(_sorted_text(full), applied(name, use.arguments))
    if len(distinct) == 1 or _is_repeatable(context, name, uses[0][1]):
        return list(distinct.values())
    canonical = uses[0][1].federation
    if canonical is not None and canonical in _STRATEGIES:
        return [_merge_arguments(context, name, canonical, expanded, coordinate)]
    return [_most_used(context, name, uses, coordinate)]


def _sorted_text(application: Application) -> str:
    return str(applied(application.name, dict(sorted(application.arguments.items()))))


def _is_repeatable(context: MergeContext, name: str, use: Application) -> bool:
    if use.federation is not None:
        return federation_directives()[use.federation].repeatable
    custom = context.composed.custom.get(name)
    return custom is not None and custom.definition.repeatable


def _defaults(context: MergeContext, name: str, use: Application) -> Mapping[str, ValueNode]:
    if use.federation is not None:
        definition = federation_directives()[use.federation]
    elif name in context.composed.custom:
        definition = context.composed.custom[name].definition
    elif name == "deprecated":
        return {"reason": value(_DEPRECATED)}
    else:
        return {}
    return {a.name.value: a.default_value for a in definition.arguments or () if a.default_value is not None}


def _merge_arguments(
    context: MergeContext, name: str, canonical: str, uses: Sequence[tuple[int, Application]], coordinate: str
) -> Application:
    strategies = _STRATEGIES[canonical]
    merged = {
        argument: merge([u.arguments.get(argument) for _, u in uses]) for argument, (_, merge) in strategies.items()
    }
    shown = ", ".join(f'"{argument}": {strategy}' for argument, (strategy, _) in strategies.items())
    message = (
        f'Directive @{name} is applied to "{coordinate}" in multiple subgraphs with different arguments. '
        f"Merging strategies used by arguments: {{ {shown} }}"
    )
    context.report.hint("MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS", message, coordinate)
    return applied(name, merged)


def _most_used(
    context: MergeContext, name: str, uses: Sequence[tuple[int, Application]], coordinate: str
) -> Application:
    texts = [_shown_arguments(use) for _, use in uses]
    chosen = max(dict.fromkeys(texts), key=texts.count)
    using = [index for (index, _), text in zip(uses, texts, strict=True) if text == chosen]
    others: list[str | None] = [None] * len(context.subgraphs)
    for (index, _), text in zip(uses, texts, strict=True):
        others[index] = None if text == chosen else text
    message = (
        f'Non-repeatable directive @{name} is applied to "{coordinate}" in multiple subgraphs but with incompatible '
        f"arguments. The supergraph will use {chosen} (from {context.names(using)}), but found "
        f"{context.spread(others)}."
    )
    context.report.hint("INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS", message, coordinate)
    return next(applied(name, use.arguments) for (_, use), text in zip(uses, texts, strict=True) if text == chosen)


def _shown_arguments(use: Application) -> str:
    shown = ", ".join(f"{name}: {print_ast(node)}" for name, node in sorted(use.arguments.items()))
    return f"arguments {{{shown}}}" if shown else "no arguments"


def conjunction(values: Sequence[ValueNode | None]) -> ValueNode:
    """AND of requirements in disjunctive normal form, minimal and sorted: every source's requirement must hold."""
    return value([sorted(clause) for clause in sorted(clauses_of(values), key=sorted)])


def clauses_of(values: Sequence[ValueNode | None]) -> list[frozenset[str]]:
    """The minimal alternatives of several requirements that must all hold; an empty one when there are none."""
    merged: list[frozenset[str]] = [frozenset()]
    for requirement in values:
        clauses = _clauses(requirement)
        merged = [have | clause for have in merged for clause in clauses] if clauses else merged
    return [clause for clause in dict.fromkeys(merged) if not any(other < clause for other in merged)]


def _clauses(requirement: ValueNode | None) -> list[frozenset[str]]:
    """The alternatives of one requirement; none when it is absent."""
    outer = requirement.values if isinstance(requirement, ListValueNode) else ()
    return [
        frozenset(item.value for item in clause.values if isinstance(item, StringValueNode))
        for clause in outer
        if isinstance(clause, ListValueNode)
    ]


def _maximum(values: Sequence[ValueNode | None]) -> ValueNode | None:
    numbers = [node for node in values if isinstance(node, IntValueNode)]
    return max(numbers, key=lambda node: int(node.value), default=None)


def _union(values: Sequence[ValueNode | None]) -> ValueNode | None:
    lists = [node for node in values if isinstance(node, ListValueNode)]
    items: Mapping[str, Plain] = {print_ast(item): item for node in lists for item in node.values}
    return value(list(items.values())) if lists else None


def _all_true(values: Sequence[ValueNode | None]) -> ValueNode | None:
    given = [node for node in values if node is not None and not isinstance(node, NullValueNode)]
    return value(all(print_ast(node) == "true" for node in given)) if given else None


_STRATEGIES: Mapping[str, Mapping[str, tuple[str, Merger]]] = {
    "requiresScopes": {"scopes": ("DNF_CONJUNCTION", conjunction)},
    "policy": {"policies": ("DNF_CONJUNCTION", conjunction)},
    "cost": {"weight": ("MAX", _maximum)},
    "listSize": {
        "assumedSize": ("NULLABLE_MAX", _maximum),
        "slicingArguments": ("NULLABLE_UNION", _union),
        "sizedFields": ("NULLABLE_UNION", _union),
        "requireOneSlicingArgument": ("NULLABLE_AND", _all_true),
    },
}
"""How the arguments of a federation directive merge when subgraphs differ."""
