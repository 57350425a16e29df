"""Explanations as text: fields with their decisions in, lines for people out. Decides nothing."""

from collections.abc import Iterator, Sequence

from authz.decision import Form
from authz.explain import ExplainedField


def explanation_text(fields: Sequence[ExplainedField]) -> str:
    """A line for each field; fields below one that is withheld are counted beside it."""
    below = [found.under for found in fields]
    shown = [found for found in fields if found.under is None]
    width = max((len(found.path) for found in shown), default=0)
    lines = [f"{found.path:<{width}}  {_told(found)}{_below(below.count(found.path))}" for found in shown]
    return "\n".join(line.rstrip() for line in lines)


def form_text(form: Form, mask: str | None) -> str:
    """`FULL`, `MASK(LAST4)`, `EXISTS`, `DENY`."""
    return f"{form}({mask})" if mask else str(form)


def _told(found: ExplainedField) -> str:
    return "; ".join((f"{form_text(found.form, found.mask)} {found.dataset or ''}".rstrip(), *_reasons(found)))


def _reasons(found: ExplainedField) -> Iterator[str]:
    if found.policies:
        yield f"by {', '.join(found.policies)}"
    if found.missing:
        yield f"missing: {', '.join(found.missing)}"
    if found.contact:
        yield f"ask: {found.contact}"
    if found.rows:
        yield f"may be lowered for single records: {', '.join(found.rows)}"


def _below(count: int) -> str:
    return f" (and {count} below)" if count else ""
