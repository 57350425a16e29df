"""The configuration's limits in; those of documents and streams, as the gateway takes them, out."""

from gateway.documents.limits import DocumentLimits
from gateway.streams.limits import StreamLimits
from leds.config import LimitsSection


def document_limits(section: LimitsSection, tokens: int) -> DocumentLimits:
    """What a document and its variables may be."""
    return DocumentLimits(
        tokens=tokens,
        nesting=section.nesting,
        depth=section.depth,
        fields=section.fields,
        aliases=section.aliases,
        directives=section.directives,
        root_fields=section.root_fields,
        introspections=section.introspections,
        fragments=section.fragments,
        list_items=section.list_items,
        variable_nesting=section.variable_nesting,
        page=section.page,
    )


def stream_limits(section: LimitsSection) -> StreamLimits:
    """How many subscriptions are held."""
    return StreamLimits(
        per_identity=section.subscriptions_per_identity,
        per_connection=section.subscriptions_per_connection,
        total=section.subscriptions,
    )
