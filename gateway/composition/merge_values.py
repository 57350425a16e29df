"""Merging what is not a type: descriptions, type references and default values of one element across subgraphs."""

from collections.abc import Sequence

from graphql.language import ConstValueNode, print_ast

from gateway.composition.merge_context import MergeContext, most_common, present, some
from gateway.composition.model import Element, Field, InputValue
from gateway.composition.type_references import is_strict_subtype


def merge_description(
    context: MergeContext, sources: Sequence[Element | None], what: str, coordinate: str
) -> str | None:
    """The description most subgraphs give; a hint when they differ."""
    given = [source.description for source in some(sources) if source.description is not None]
    texts = [text for text in given if text]
    if len(set(texts)) > 1:
        message = f"{what} has inconsistent descriptions across subgraphs: the most common one is used."
        context.report.hint("INCONSISTENT_DESCRIPTION", message, coordinate, context.at(sources))
    return most_common(texts) if texts else next(iter(given), None)


def merge_types(
    context: MergeContext, sources: Sequence[Field | InputValue | None], coordinate: str, *, contravariant: bool
) -> tuple[str, bool]:
    """The type reference every subgraph agrees with, and whether all have exactly that.

    Output positions take the widest type, input positions the narrowest. Incompatible types are an error, after which
    the first is returned.
    """
    references = [source.type for source in some(sources)]
    merged = references[0]
    for reference in references[1:]:
        narrower, wider = (merged, reference) if not contravariant else (reference, merged)
        if merged != reference and is_strict_subtype(narrower, wider, context.is_subtype):
            merged = reference
    if len(set(references)) == 1:
        return merged, True
    if not all(r == merged or _fits(context, merged, r, contravariant) for r in references):
        _report_incompatible(context, sources, coordinate)
        return references[0], False
    _hint_compatible(context, sources, coordinate, merged)
    return merged, False


def merge_default(
    context: MergeContext, sources: Sequence[InputValue | None], coordinate: str
) -> ConstValueNode | None:
    """The default value all subgraphs give; differing values are an error, a missing one a hint and no default."""
    inputs = some(sources)
    given = [source.default for source in inputs if source.default is not None]
    shown = {print_ast(default) for default in given}
    if len(shown) > 1:
        is_argument = coordinate.endswith(":)")
        code = "FIELD_ARGUMENT_DEFAULT_MISMATCH" if is_argument else "INPUT_FIELD_DEFAULT_MISMATCH"
        text = f"{_what(coordinate)} has incompatible default values across subgraphs: it has "
        context.report_mismatch(code, text, sources, _shown_default)
        return given[0]
    if given and len(given) < len(inputs):
        without = [index for index, source in present(sources) if source.default is None]
        having = [source if source is not None and source.default is not None else None for source in sources]
        message = (
            f"{_what(coordinate)} has a default value in only some subgraphs: will not use a default in the supergraph "
            f'(there is no default in {context.names(without)}) but "{coordinate}" has '
            f"{context.distribution(having, _shown_default)}."
        )
        context.report.hint("INCONSISTENT_DEFAULT_VALUE_PRESENCE", message, coordinate, context.at(sources))
        return None
    return given[0] if given else None


def _fits(context: MergeContext, merged: str, reference: str, contravariant: bool) -> bool:
    narrower, wider = (merged, reference) if contravariant else (reference, merged)
    return is_strict_subtype(narrower, wider, context.is_subtype)


def _what(coordinate: str) -> str:
    return f'Argument "{coordinate}"' if coordinate.endswith(":)") else f'Input field "{coordinate}"'


def _shown_default(source: InputValue) -> str:
    return f"default value {print_ast(source.default)}" if source.default else "no default value"


def _report_incompatible(context: MergeContext, sources: Sequence[Element | None], coordinate: str) -> None:
    is_argument = coordinate.endswith(":)")
    code = "FIELD_ARGUMENT_TYPE_MISMATCH" if is_argument else "FIELD_TYPE_MISMATCH"
    text = f'Type of {"argument" if is_argument else "field"} "{coordinate}" is incompatible across subgraphs: it has '
    context.report_mismatch(code, text, sources, lambda source: f'type "{source.type}"')


def _hint_compatible(
    context: MergeContext, sources: Sequence[Field | InputValue | None], coordinate: str, merged: str
) -> None:
    is_argument = coordinate.endswith(":)")
    using = [index for index, source in present(sources) if source.type == merged]
    others = [None if source is None or source.type == merged else source for source in sources]
    relation = lambda source: (  # noqa: E731  (named for the sentence below)
        "subtype" if is_strict_subtype(source.type, merged, context.is_subtype) else "supertype"
    )
    different = context.distribution(others, lambda source: f'{relation(source)} "{source.type}"')
    message = (
        f'Type of {"argument" if is_argument else "field"} "{coordinate}" is inconsistent but compatible across '
        f'subgraphs: will use type "{merged}" (from {context.names(using)}) in supergraph but "{coordinate}" '
        f"has {different}."
    )
    code = "INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE" if is_argument else "INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE"
    context.report.hint(code, message, coordinate, context.at(sources))
