"""The walk of links from a nominal: at most two steps, a statement for each step and kind of link, over one dataset."""

from resolvers.errors import LinksTooWide
from resolvers.loading import Loading
from resolvers.person.links import DEEPEST, MOST_LINKS, Link, link_from_row, links_of, next_people, ranked


async def links_from(loading: Loading, start: str, depth: int, limit: int) -> list[Link]:
    """At most `limit` links within `depth` steps of the person `start`, latest seen first.

    A step looks no further than `limit` rows of each kind. Raises LinksTooWide beyond depth 2 or 200 links (P14).
    """
    if not (1 <= depth <= DEEPEST and 0 <= limit <= MOST_LINKS):
        raise LinksTooWide(f"Links go {DEEPEST} steps deep at most, and there are at most {MOST_LINKS}.")
    found: list[Link] = []
    known: set[str] = set()
    people = [start]
    for step in range(1, depth + 1):
        known.update(people)
        found += await _step(loading, people, step, limit)
        people = next_people(found, known)[:limit]
        if not people:
            break
    return ranked(found, start, limit)


async def _step(loading: Loading, people: list[str], step: int, limit: int) -> list[Link]:
    found: list[Link] = []
    for statement in links_of(people, limit):
        found += [link_from_row(row, step) for row in await loading.select(statement)]
    return found
