"""Fetch graphs in; the query plan out: operations printed, conditions lifted, steps put in sequence and parallel."""

from collections.abc import Iterator
from dataclasses import replace

from gateway.planning.aliases import told_apart
from gateway.planning.errors import UnplannableSubscription
from gateway.planning.fetches import FetchGraph, FetchStep
from gateway.planning.graph import Graph
from gateway.planning.normalise import Operation
from gateway.planning.plan import (
    Condition,
    Fetch,
    Flatten,
    KeyRenamer,
    Parallel,
    PlanNode,
    QueryPlan,
    RequiredField,
    RequiredFragment,
    Requirement,
    Sequence,
    Subscription,
)
from gateway.planning.selections import Conditions, Field, Fragment, Selections, printed

REPRESENTATIONS = "$representations:[_Any!]!"
ENTITIES = "_entities(representations:$representations)"


def plan_of(graph: Graph, operation: Operation, groups: tuple[FetchGraph, ...]) -> QueryPlan:
    """The plan that runs the groups one after the other, each as parallel as it can be."""
    nodes = tuple(node for group in groups if (node := _node(graph, operation, group.steps)))
    whole = _sequence(nodes) if nodes else None
    return QueryPlan(_subscription(whole) if whole and operation.kind == "subscription" else whole)


def _subscription(node: PlanNode) -> PlanNode:
    """The first fetch opens the stream, the others run on each event.

    Raises:
        UnplannableSubscription: the operation does not begin with one fetch (a condition around its only field).
    """
    first, *others = node.nodes if isinstance(node, Sequence) else (node,)
    if not isinstance(first, Fetch):
        raise UnplannableSubscription("a subscription's field may not be skipped or included by a condition")
    return Subscription(first, _sequence(tuple(others)) if others else None)


def _node(graph: Graph, operation: Operation, steps: tuple[FetchStep, ...]) -> PlanNode | None:
    """Independent parts in parallel; in each, what waits for nothing goes first: as deep as the longest chain."""
    nodes: list[PlanNode] = []
    for part in _parts(steps):
        ids = {step.id for step in part}
        first = tuple(_fetch_node(graph, operation, step) for step in part if not step.parents & ids)
        rest = _node(graph, operation, tuple(step for step in part if step.parents & ids))
        nodes.append(_sequence((_parallel(first), *((rest,) if rest else ()))))
    return _parallel(tuple(nodes)) if nodes else None


def _parts(steps: tuple[FetchStep, ...]) -> list[list[FetchStep]]:
    """The steps, split where nothing on one side waits for anything on the other."""
    part_of = {step.id: [step] for step in steps}
    for step in steps:
        for parent in step.parents & part_of.keys():
            smaller, larger = sorted((part_of[parent], part_of[step.id]), key=len)
            if smaller is not larger:
                larger.extend(smaller)
                part_of.update((each.id, larger) for each in smaller)
    parts = {id(part): sorted(part, key=lambda step: step.id) for part in part_of.values()}
    return sorted(parts.values(), key=lambda part: part[0].id)


def _sequence(nodes: tuple[PlanNode, ...]) -> PlanNode:
    flat = tuple(inner for node in nodes for inner in (node.nodes if isinstance(node, Sequence) else (node,)))
    return flat[0] if len(flat) == 1 else Sequence(flat)


def _parallel(nodes: tuple[PlanNode, ...]) -> PlanNode:
    flat = tuple(inner for node in nodes for inner in (node.nodes if isinstance(node, Parallel) else (node,)))
    return flat[0] if len(flat) == 1 else Parallel(flat)


def _fetch_node(graph: Graph, operation: Operation, step: FetchStep) -> PlanNode:
    always = set.intersection(*(set(alternative) for alternative in step.conditions))
    conditions = tuple(sorted(always | set(_common(step.selections))))
    selections = _without(step.selections, conditions)
    node: PlanNode = _fetch(graph, operation, replace(step, selections=selections))
    if step.path:
        node = Flatten(step.path, node)
    for variable, value in reversed(conditions):
        node = Condition(variable, if_clause=node) if value else Condition(variable, else_clause=node)
    return node


def _fetch(graph: Graph, operation: Operation, step: FetchStep) -> Fetch:
    root = _root_type(graph, operation, step)
    known = frozenset(name for name, subgraphs in operation.known_by.items() if step.subgraph in subgraphs)
    own = tuple(item for item in operation.directives if item.name in known and step.kind == operation.kind)
    asked = _directed(step.selections, known) if operation.known_by else step.selections
    selections, renamers = told_apart(graph, step.subgraph, root, asked)
    used = {*_variables(selections), *(name for item in own for name in item.variables)}
    declared = [text for name, text in operation.variables.items() if name in used]
    contexts = {value.variable: f"${value.variable}:{value.type}" for value in step.contexts}
    header = [*([REPRESENTATIONS] if step.requires else []), *declared, *contexts.values()]
    body = f"{{{printed(selections)}}}"
    if step.requires:
        body = f"{{{ENTITIES}{body}}}"
    said = (f"({','.join(header)})" if header else "") + "".join(item.text for item in own)
    named = step.kind if said or step.kind != "query" else ""
    return Fetch(
        subgraph=step.subgraph,
        operation=f"{named}{said}{body}",
        operation_kind=step.kind,
        variables=(*(name for name in operation.variables if name in used), *contexts),
        requires=tuple(_requirement(item) for item in step.requires),
        input_rewrites=step.rewrites,
        output_rewrites=renamers,
        context_rewrites=tuple(KeyRenamer(value.full_path, value.variable) for value in step.contexts),
    )


def _root_type(graph: Graph, operation: Operation, step: FetchStep) -> str:
    query = graph.supergraph.full_schema.query_type
    if step.requires:
        return "_Entity"
    return query.name if step.path and query else operation.root_type


def _requirement(item: Field | Fragment) -> Requirement:
    below = tuple(_requirement(child) for child in item.selections)
    if isinstance(item, Fragment):
        return RequiredFragment(item.type_condition, below)
    return RequiredField(item.name, item.key if item.key != item.name else None, below)


def _variables(selections: Selections) -> Iterator[str]:
    for item in selections:
        if isinstance(item, Field):
            yield from item.variables
            yield from (variable for variable, _ in item.conditions)
            yield from (variable for directive in item.directives for variable in directive.variables)
        yield from _variables(item.selections)


def _directed(selections: Selections, known: frozenset[str]) -> Selections:
    """The selections with those directives only that their subgraph knows."""
    return tuple(
        replace(
            item,
            selections=_directed(item.selections, known),
            directives=tuple(each for each in item.directives if each.name in known),
        )
        if isinstance(item, Field)
        else replace(item, selections=_directed(item.selections, known))
        for item in selections
    )


def _common(selections: Selections) -> Conditions:
    """The conditions without which none of the fields is wanted."""
    every = [set(item.conditions) for item in _top_fields(selections)]
    return tuple(sorted(set.intersection(*every))) if every else ()


def _top_fields(selections: Selections) -> Iterator[Field]:
    for item in selections:
        if isinstance(item, Field):
            yield item
        else:
            yield from _top_fields(item.selections)


def _without(selections: Selections, conditions: Conditions) -> Selections:
    if not conditions:
        return selections
    return tuple(
        replace(item, conditions=tuple(part for part in item.conditions if part not in conditions))
        if isinstance(item, Field)
        else replace(item, selections=_without(item.selections, conditions))
        for item in selections
    )
