"""Suggestions for misspelt names."""

from collections.abc import Iterable

from graphql.pyutils import suggestion_list


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """` Did you mean "A" or "B"?`, or nothing when no known name is near."""
    near = suggestion_list(name, list(known))
    quoted = [f'"{n}"' for n in near]
    return f" Did you mean {' or '.join(quoted)}?" if near else ""
