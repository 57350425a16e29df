"""Lists of people found by a search: who is listed is noted as found, and a count of few people is told only beside all
of them (P14, k-anonymity: decision 14).

In: the page and what of it is asked for. Out: the count, or null and an entry that says why.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from graphql import FieldNode, FragmentSpreadNode, GraphQLResolveInfo, InlineFragmentNode, SelectionSetNode

from authz.decision import Form
from authz.row_rules import ROW_FACTS, RowFact, lowered
from resolvers.connections import Page
from resolvers.errors import InvalidPage
from subgraphs.entries import Entry
from subgraphs.records import Record
from subgraphs.request import RequestInfo

FEWEST = 5
LISTING = frozenset({"edges", "nodes", "pageInfo"})


def require_somebody(page: Page) -> Page:
    """The page. Raises InvalidPage for one of nobody, which would only say whether there is somebody."""
    if not page.size:
        raise InvalidPage("A page of people holds at least one.")
    return page


@dataclass(frozen=True, slots=True)
class People:
    """The people on a page. `listed` is how many of them the answer shows to be there; None: none of them is asked
    for, only how many there are."""

    listed: int | None


def noted(people: Iterable[Record | None], dataset: str, info: RequestInfo) -> People:
    """The people an answer lists: each of them is noted as found, whatever is asked of them."""
    field, request = info._raw_info, info.context
    if LISTING.isdisjoint(_selected(field)):
        return People(None)
    coordinate = f"{field.parent_type.name}.{field.field_name}"
    listed = [person for person in people if person is not None and person.subject_of is not None]
    for person in listed:
        column, kind = person.subject_of or ("", "")
        request.shown.find((kind, person.row[column]), dataset, coordinate, request.clearance.decision(coordinate))
    return People(len(listed))


def told(count: int, people: People, info: RequestInfo) -> int | None:
    """The count, if it is of many people or of exactly those who are listed; else null, with an entry beside it.

    Nobody counts as few too: whether there is somebody is what a small count gives away.
    """
    if count >= FEWEST or count == people.listed:
        return count
    field, request = info._raw_info, info.context
    coordinate = f"{field.parent_type.name}.{field.field_name}"
    decision = lowered(coordinate, request.clearance.decision(coordinate), {ROW_FACTS: int(RowFact.FEW)})
    if decision.form is Form.FULL:
        return count
    request.entries.append(Entry(tuple(field.path.as_list()), coordinate, decision))
    return None


def _selected(info: GraphQLResolveInfo) -> Iterator[str]:
    """The names of the fields that are selected of the field being resolved, fragments included."""
    pending = [node.selection_set for node in info.field_nodes]
    seen: set[str] = set()
    while pending:
        selected: SelectionSetNode | None = pending.pop()
        for node in selected.selections if selected else ():
            if isinstance(node, FieldNode):
                yield node.name.value
            elif isinstance(node, InlineFragmentNode):
                pending.append(node.selection_set)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
                seen.add(node.name.value)
                pending.append(info.fragments[node.name.value].selection_set)
