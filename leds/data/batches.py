"""The whole world as batches: reference lists, the cast, then the population block by block. Yields, never stores."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from leds.data.cases import add_cases
from leds.data.cast import cast
from leds.data.controls import add_controls
from leds.data.drivers import add_drivers
from leds.data.keepers import add_keepers
from leds.data.layout import COLUMNS, REFERENCE_COLUMNS, load_order
from leds.data.markers import add_markers
from leds.data.others import add_others
from leds.data.people import add_people
from leds.data.population import Block, Row, Rows, World, blocks
from leds.data.values import plain, plain_row
from leds.data.vehicles import add_vehicles
from schema.reference_lists import ReferenceCatalogue


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one table, each with a value for every one of `columns`; `people` counts the nominals it completes."""

    table: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...] | list[Row]
    people: int = 0


def batches(world: World, as_of: date, catalogue: ReferenceCatalogue) -> Iterator[Batch]:
    """Every batch in an order in which parents come before their children."""
    yield from _reference(catalogue)
    yield from _cast(as_of)
    for block in blocks(world):
        yield from _population(block)


def _reference(catalogue: ReferenceCatalogue) -> Iterator[Batch]:
    lists: list[Row] = []
    values: list[Row] = []
    for header in catalogue.lists:
        used_by = plain(header.used_by)
        lists.append(
            (
                *(header.list_id, header.key, header.name, header.owner, header.scope, header.used_in),
                *(header.size_in_life, header.version, header.origin, used_by),
            )
        )
        for position, value in enumerate(catalogue.values(header.list_id)):
            values.append(
                (
                    *(value.list_id, value.code, position, value.label, value.group, value.version),
                    *(plain(value.valid_from), plain(value.valid_to), value.notes, value.basis, value.source),
                )
            )
    yield Batch("reference_list", REFERENCE_COLUMNS["reference_list"], lists)
    yield Batch("reference_value", REFERENCE_COLUMNS["reference_value"], values)


def _cast(as_of: date) -> Iterator[Batch]:
    """The cast's rows, grouped by table and columns, parents first."""
    grouped: dict[str, dict[tuple[str, ...], list[Row]]] = defaultdict(lambda: defaultdict(list))
    for table, row in cast(as_of):
        columns, values = plain_row(row)
        grouped[table][columns].append(values)
    yield from _in_order({name: groups.items() for name, groups in grouped.items()}, 0)


def _population(block: Block) -> Iterator[Batch]:
    rows: Rows = defaultdict(list)
    add_people(block, rows)
    add_markers(block, rows)
    add_cases(block, rows)
    add_drivers(block, rows)
    registered = add_vehicles(block, rows)
    add_keepers(block, rows, registered)
    add_others(block, rows)
    add_controls(block, rows)
    yield from _in_order({name: [(COLUMNS[name], found)] for name, found in rows.items()}, block.people)


def _in_order(found: Mapping[str, Iterable[tuple[tuple[str, ...], list[Row]]]], people: int) -> Iterator[Batch]:
    """Batches in load order; the last one carries the number of people."""
    ordered = [
        Batch(table.name, columns, rows) for table in load_order() for columns, rows in found.get(table.name, ())
    ]
    for left, batch in zip(range(len(ordered) - 1, -1, -1), ordered, strict=True):
        yield batch if left else replace(batch, people=people)
