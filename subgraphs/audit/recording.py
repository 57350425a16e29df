"""Recording what is done about the ledger: an event in, its receipt out. What the ledger holds never changes."""

import hashlib
from collections.abc import Mapping

from graphql import print_ast

from authz.audit.leaf import Event, EventType
from authz.audit.ledger import Receipt
from authz.audit.recorder import AuditedOperation, AuditedRequest
from resolvers.audit.errors import DeskUnavailable
from subgraphs.request import RequestInfo


async def recorded(
    info: RequestInfo, kind: EventType, event: Event, said: Mapping[str, str], of: tuple[str, str]
) -> Receipt:
    """The receipt of an event by the caller, once it is durable; `of` is the type and key of what it is about.

    Raises DeskUnavailable where nothing can be recorded, AuditUnavailable when it cannot be just now.
    """
    desk = info.context.desk
    if desk is None or desk.append is None:
        raise DeskUnavailable("This service has no log that it may write.")
    return await desk.append(desk.recorder.action(_request(info), kind, event, said, of))


def _request(info: RequestInfo) -> AuditedRequest:
    """Who does it and why, with the operation as it came here."""
    text = print_ast(info._raw_info.operation)
    operation = AuditedOperation(info._raw_info.field_name, f"sha256:{hashlib.sha256(text.encode()).hexdigest()}")
    return AuditedRequest(info.context.caller, info.context.context, operation)
