"""The query plan: a frozen tree of fetches. Prints as text and as Apollo's serialised JSON, and reads the latter."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from textwrap import indent
from typing import Any, Literal

from graphql import FieldNode, OperationDefinitionNode, parse, print_ast

OperationKind = Literal["query", "mutation", "subscription"]


@dataclass(frozen=True, slots=True)
class RequiredField:
    """One field of a representation: read from the data under its alias, sent to the subgraph under its name."""

    name: str
    alias: str | None = None
    selections: tuple["Requirement", ...] = ()


@dataclass(frozen=True, slots=True)
class RequiredFragment:
    """What a representation of one type is made of."""

    type_condition: str | None
    selections: tuple["Requirement", ...]


Requirement = RequiredField | RequiredFragment


@dataclass(frozen=True, slots=True)
class ValueSetter:
    """Rewrite: put a fixed value at a path (e.g. the interface object's own `__typename` into a representation)."""

    path: tuple[str, ...]
    value: Any


@dataclass(frozen=True, slots=True)
class KeyRenamer:
    """Rewrite: rename a key at a path (an alias that the planner had to invent goes back to its field name)."""

    path: tuple[str, ...]
    name: str


Rewrite = ValueSetter | KeyRenamer


@dataclass(frozen=True, slots=True)
class Fetch:
    """One request to one subgraph. With `requires` it is an `_entities` request for objects at the enclosing path.

    `context_rewrites` say where, for each of these objects, variables find their values: the path starts at the object,
    `..` is the object around it; of several paths for one variable the first that leads somewhere counts.
    """

    subgraph: str
    operation: str
    operation_kind: OperationKind = "query"
    operation_name: str | None = None
    variables: tuple[str, ...] = ()
    requires: tuple[Requirement, ...] = ()
    input_rewrites: tuple[Rewrite, ...] = ()
    output_rewrites: tuple[Rewrite, ...] = ()
    context_rewrites: tuple[KeyRenamer, ...] = ()


@dataclass(frozen=True, slots=True)
class Flatten:
    """Run `node` on the objects at `path`: response keys, `@` for each item of a list, suffix `|[T]` for a type."""

    path: tuple[str, ...]
    node: "PlanNode"


@dataclass(frozen=True, slots=True)
class Sequence:
    """Each node after the one before it."""

    nodes: tuple["PlanNode", ...]


@dataclass(frozen=True, slots=True)
class Parallel:
    """All nodes at once."""

    nodes: tuple["PlanNode", ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """`@include`/`@skip` around whole fetches: `variable` decides which clause runs."""

    variable: str
    if_clause: "PlanNode | None" = None
    else_clause: "PlanNode | None" = None


@dataclass(frozen=True, slots=True)
class Subscription:
    """A stream of events from `primary`; `rest` is run on each of them."""

    primary: Fetch
    rest: "PlanNode | None" = None


PlanNode = Fetch | Flatten | Sequence | Parallel | Condition | Subscription


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """What to fetch, from where, in which order. `node` is None when nothing has to be fetched."""

    node: PlanNode | None

    def __str__(self) -> str:
        inner = f"\n{indent(_node_text(self.node), '  ')}\n" if self.node else ""
        return f"QueryPlan {{{inner}}}"

    def to_json(self) -> dict[str, Any]:
        """The plan as Apollo serialises it."""
        return {"kind": "QueryPlan"} | ({"node": _node_to_json(self.node)} if self.node else {})


def fetches_of(plan: QueryPlan) -> tuple[Fetch, ...]:
    """Every fetch of the plan, in the order of its text."""
    return tuple(_fetches(plan.node)) if plan.node else ()


def _fetches(node: PlanNode) -> Iterator[Fetch]:
    match node:
        case Fetch():
            yield node
        case Flatten(_, inner):
            yield from _fetches(inner)
        case Sequence(nodes) | Parallel(nodes):
            for child in nodes:
                yield from _fetches(child)
        case Condition(_, if_clause, else_clause):
            for clause in (if_clause, else_clause):
                if clause:
                    yield from _fetches(clause)
        case Subscription(primary, rest):
            yield primary
            if rest:
                yield from _fetches(rest)


def plan_from_json(document: Mapping[str, Any]) -> QueryPlan:
    """Read a plan in Apollo's serialised form.

    Raises:
        ValueError: a node kind that this gateway does not know.
    """
    node = document.get("node")
    return QueryPlan(_node_from_json(node) if node else None)


def _node_text(node: PlanNode) -> str:
    """A node as Apollo prints plans: each fetch with what is sent and what is asked, without its variables."""
    match node:
        case Fetch():
            return _fetch_text(node)
        case Flatten(path, inner):
            return _block(f'Flatten(path: "{".".join(path)}")', (inner,))
        case Sequence(nodes) | Parallel(nodes):
            return _block(type(node).__name__, nodes)
        case Condition(variable, if_clause, else_clause):
            clauses = (("Include", if_clause), ("Skip", else_clause))
            return "\n".join(_block(f"{word}(if: ${variable})", (clause,)) for word, clause in clauses if clause)
        case Subscription(primary, rest):
            parts = f"Primary: {{\n{indent(_node_text(primary), '  ')}\n}},"
            if rest:
                parts += f"\nRest: {{\n{indent(_node_text(rest), '  ')}\n}}"
            return f"Subscription {{\n{indent(parts, '  ')}\n}},"


def _block(head: str, nodes: tuple[PlanNode, ...]) -> str:
    inner = "\n".join(indent(_node_text(node), "  ") for node in nodes)
    return f"{head} {{\n{inner}\n}},"


def _fetch_text(fetch: Fetch) -> str:
    definition = parse(fetch.operation, no_location=True).definitions[0]
    selections = definition.selection_set if isinstance(definition, OperationDefinitionNode) else None
    first = selections.selections[0] if selections else None
    if fetch.requires and isinstance(first, FieldNode):
        selections = first.selection_set
    asked = print_ast(selections) if selections else "{}"
    sent = f"{{\n{_requirements_text(fetch.requires)}\n}} =>\n" if fetch.requires else ""
    return f'Fetch(service: "{fetch.subgraph}") {{\n{indent(sent + asked, "  ")}\n}},'


def _requirements_text(items: tuple[Requirement, ...]) -> str:
    lines: list[str] = []
    for item in items:
        if isinstance(item, RequiredFragment):
            head = f"... on {item.type_condition}" if item.type_condition else "..."
        else:
            head = f"{item.alias}: {item.name}" if item.alias else item.name
        below = f" {{\n{_requirements_text(item.selections)}\n}}" if item.selections else ""
        lines.append(indent(head + below, "  "))
    return "\n".join(lines)


def _node_to_json(node: PlanNode) -> dict[str, Any]:
    match node:
        case Fetch():
            return _fetch_to_json(node)
        case Flatten(path, inner):
            return {"kind": "Flatten", "path": list(path), "node": _node_to_json(inner)}
        case Sequence(nodes) | Parallel(nodes):
            return {"kind": type(node).__name__, "nodes": [_node_to_json(child) for child in nodes]}
        case Condition(variable, if_clause, else_clause):
            clauses = {"ifClause": if_clause, "elseClause": else_clause}
            return {"kind": "Condition", "condition": variable} | {
                name: _node_to_json(clause) for name, clause in clauses.items() if clause
            }
        case Subscription(primary, rest):
            after = {"rest": _node_to_json(rest)} if rest else {}
            return {"kind": "Subscription", "primary": _fetch_to_json(primary)} | after


def _fetch_to_json(fetch: Fetch) -> dict[str, Any]:
    document: dict[str, Any] = {"kind": "Fetch", "serviceName": fetch.subgraph}
    if fetch.requires:
        document["requires"] = [_requirement_to_json(item) for item in fetch.requires]
    document |= {
        "variableUsages": list(fetch.variables),
        "operation": fetch.operation,
        "operationKind": fetch.operation_kind,
    }
    if fetch.operation_name:
        document["operationName"] = fetch.operation_name
    if fetch.input_rewrites:
        document["inputRewrites"] = [_rewrite_to_json(item) for item in fetch.input_rewrites]
    if fetch.output_rewrites:
        document["outputRewrites"] = [_rewrite_to_json(item) for item in fetch.output_rewrites]
    if fetch.context_rewrites:
        document["contextRewrites"] = [_rewrite_to_json(item) for item in fetch.context_rewrites]
    return document


def _requirement_to_json(item: Requirement) -> dict[str, Any]:
    selections = [_requirement_to_json(child) for child in item.selections]
    if isinstance(item, RequiredFragment):
        condition = {"typeCondition": item.type_condition} if item.type_condition else {}
        return {"kind": "InlineFragment"} | condition | {"selections": selections}
    alias = {"alias": item.alias} if item.alias else {}
    return {"kind": "Field"} | alias | {"name": item.name} | ({"selections": selections} if selections else {})


def _rewrite_to_json(rewrite: Rewrite) -> dict[str, Any]:
    if isinstance(rewrite, ValueSetter):
        return {"kind": "ValueSetter", "path": list(rewrite.path), "setValueTo": rewrite.value}
    return {"kind": "KeyRenamer", "path": list(rewrite.path), "renameKeyTo": rewrite.name}


def _node_from_json(node: Mapping[str, Any]) -> PlanNode:
    match node["kind"]:
        case "Fetch":
            return _fetch_from_json(node)
        case "Flatten":
            return Flatten(tuple(str(part) for part in node["path"]), _node_from_json(node["node"]))
        case "Sequence":
            return Sequence(tuple(_node_from_json(child) for child in node["nodes"]))
        case "Parallel":
            return Parallel(tuple(_node_from_json(child) for child in node["nodes"]))
        case "Condition":
            clauses = (node.get("ifClause"), node.get("elseClause"))
            return Condition(node["condition"], *(_node_from_json(clause) if clause else None for clause in clauses))
        case "Subscription":
            rest = node.get("rest")
            return Subscription(_fetch_from_json(node["primary"]), _node_from_json(rest) if rest else None)
        case kind:
            raise ValueError(f"unknown plan node {kind!r}")


def _fetch_from_json(node: Mapping[str, Any]) -> Fetch:
    return Fetch(
        subgraph=node["serviceName"],
        operation=node["operation"],
        operation_kind=node.get("operationKind", "query"),
        operation_name=node.get("operationName"),
        variables=tuple(node.get("variableUsages", ())),
        requires=tuple(_requirement_from_json(item) for item in node.get("requires", ())),
        input_rewrites=tuple(_rewrite_from_json(item) for item in node.get("inputRewrites", ())),
        output_rewrites=tuple(_rewrite_from_json(item) for item in node.get("outputRewrites", ())),
        context_rewrites=tuple(_renamer_from_json(item) for item in node.get("contextRewrites", ())),
    )


def _requirement_from_json(item: Mapping[str, Any]) -> Requirement:
    selections = tuple(_requirement_from_json(child) for child in item.get("selections", ()))
    if item["kind"] == "InlineFragment":
        return RequiredFragment(item.get("typeCondition"), selections)
    return RequiredField(item["name"], item.get("alias"), selections)


def _rewrite_from_json(rewrite: Mapping[str, Any]) -> Rewrite:
    if rewrite["kind"] == "ValueSetter":
        return ValueSetter(tuple(rewrite["path"]), rewrite["setValueTo"])
    return _renamer_from_json(rewrite)


def _renamer_from_json(rewrite: Mapping[str, Any]) -> KeyRenamer:
    return KeyRenamer(tuple(rewrite["path"]), rewrite["renameKeyTo"])
