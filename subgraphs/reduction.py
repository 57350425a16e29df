"""Fields that are shown in a lower form than FULL: resolver and decision in, what leaves instead of the value out.

A masked value leaves masked, of what only exists nothing leaves but that it does; how it is said beside the data is an
`Entry`. Values that the federation itself needs (keys, inputs of derived answers) still stand in the data, for the
gateway alone.
"""

from collections.abc import Callable, Mapping
from inspect import isawaitable
from typing import Any

from graphql import GraphQLResolveInfo, get_named_type

from authz.decision import Decision, Form
from authz.masks import BESIDE_DATA
from subgraphs.entries import Entry
from subgraphs.field_rules import FieldRule
from subgraphs.masking import Kind, Masked, Masking, Total
from subgraphs.relay import Connection

COUNTED = BESIDE_DATA & {"COUNT", "BOOL"}


async def reduced(
    resolve: Callable[..., Any],
    root: Any,
    info: GraphQLResolveInfo,
    arguments: Mapping[str, Any],
    of: tuple[FieldRule, Decision],
) -> Any:
    """Resolve a field that is MASK or EXISTS and give what may stand in the data."""
    rule, decision = of
    request = info.context
    if rule.counter is not None and (decision.form is Form.EXISTS or decision.mask in COUNTED):
        value: Any = Total(await rule.counter(root, request))
    else:
        value = resolve(root, info, **arguments)
        value = await value if isawaitable(value) else value
        if isinstance(value, Connection) and (decision.form is Form.EXISTS or decision.mask in COUNTED):
            value = Total(await value.count())
    return keep_back(info, rule, decision, value)


def keep_back(info: GraphQLResolveInfo, rule: FieldRule, decision: Decision, value: Any) -> Any:
    """What may stand in the data instead of this value; the rest is said beside it."""
    request = info.context
    masking = Masking(request.catalogue, request.pseudonyms, request.today)
    path = tuple(info.path.as_list())
    kind = Kind(get_named_type(info.return_type).name, rule.sensitivity)
    if decision.form is Form.EXISTS:
        masked = masking.masked("BOOL", value, kind) if not isinstance(value, bool) else Masked(value=True)
    elif decision.form is Form.MASK:
        masked = masking.masked(decision.mask, value, kind)
    else:
        masked = Masked()
    if rule.leaf and rule.coordinate in request.clearance.internal:
        request.entries.append(Entry(path, rule.coordinate, decision, masked.value, masked.data))
        return value
    if masked.data is None:
        request.entries.append(Entry(path, rule.coordinate, decision, masked.value))
    return masked.data
