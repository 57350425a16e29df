"""The misuse rules as versioned data: `authz/data/misuse_rules.csv` in, frozen rules out. Never judges."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from authz.errors import InvalidMisuseRules
from authz.misuse.feeds import FEEDS


@dataclass(frozen=True, slots=True)
class MisuseRule:
    """One rule: its code (list `misuse_rules`), the version of what follows, the feeds without which it does not run,
    its thresholds by name (units are in the names) and the codes that its scope names."""

    code: str
    version: int
    label: str
    feeds: tuple[str, ...]
    thresholds: Mapping[str, float] = field(hash=False)
    scope: Mapping[str, tuple[str, ...]] = field(hash=False)


def rules_from_csv(text: str) -> tuple[MisuseRule, ...]:
    """The rules in a table, in its order.

    Raises InvalidMisuseRules: it is malformed, repeats a rule, or names a feed that there is not.
    """
    try:
        rules = tuple(_rule(row) for row in csv.DictReader(io.StringIO(text), strict=True))
    except (KeyError, ValueError, TypeError, AttributeError, csv.Error) as error:
        raise InvalidMisuseRules(f"misuse_rules.csv is malformed: {error}.") from error
    if len({rule.code for rule in rules}) < len(rules):
        raise InvalidMisuseRules("misuse_rules.csv has a rule twice.")
    if unknown := sorted({name for rule in rules for name in rule.feeds} - set(FEEDS)):
        raise InvalidMisuseRules(f"misuse_rules.csv names feeds that there are not: {', '.join(unknown)}.")
    return rules


@cache
def packaged_rules() -> tuple[MisuseRule, ...]:
    """The rules shipped with this package."""
    return rules_from_csv(files("authz").joinpath("data", "misuse_rules.csv").read_text(encoding="utf-8"))


def _rule(row: Mapping[str, str]) -> MisuseRule:
    return MisuseRule(
        code=row["code"],
        version=int(row["version"]),
        label=row["label"],
        feeds=_parts(row["feeds"], ";"),
        thresholds=MappingProxyType({name: float(value) for name, value in _pairs(row["thresholds"])}),
        scope=MappingProxyType({name: _parts(value, "|") for name, value in _pairs(row["scope"])}),
    )


def _parts(cell: str, separator: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(separator) if part.strip())


def _pairs(cell: str) -> list[tuple[str, str]]:
    """`looks=10;days=30`. Raises ValueError."""
    pairs = [part.split("=") for part in _parts(cell, ";")]
    return [(name, value) for name, value in pairs]
