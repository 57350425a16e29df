"""The size of a plan as the corpora count it."""

from gateway.planning.plan import Condition, Fetch, Flatten, Parallel, PlanNode, Subscription


def size(node: PlanNode | None) -> tuple[int, int]:
    """Fetches over all branches, and depth: added along Sequence, the largest of Parallel and Condition."""
    match node:
        case None:
            return 0, 0
        case Fetch():
            return 1, 1
        case Flatten(_, inner):
            return size(inner)
        case Condition(_, if_clause, else_clause):
            parts = [size(if_clause), size(else_clause)]
        case Subscription(primary, rest):
            parts = [size(primary), size(rest)]
        case _:
            parts = [size(inner) for inner in node.nodes]
    depths = [depth for _, depth in parts]
    together = isinstance(node, Parallel | Condition)
    return sum(fetches for fetches, _ in parts), max(depths) if together else sum(depths)
