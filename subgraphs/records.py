"""Governed types: a class with one line per field in, a Strawberry type out whose every field is tagged, or a refusal.

A record wraps one row (a mapping of column names). A bare annotation reads the column of its own name; the tag comes
from the field dictionary unless the line gives one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from inspect import get_annotations
from typing import Any, ClassVar, Self, TypeVar

import strawberry
from strawberry import federation
from strawberry.federation.schema_directives import External, Inaccessible, Key
from strawberry.federation.types import FieldSet
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case

from resolvers.loading import Lookup
from schema.dictionary import FieldTag, tag
from schema.directives import Dataset, Derived, Open, Subject
from subgraphs.coded import coded_value
from subgraphs.errors import UngovernedSchema
from subgraphs.request import RequestInfo
from subgraphs.tags import dataset_tag

T = TypeVar("T", bound=type)
R = TypeVar("R", bound="Record")
Resolver = Callable[..., Any]


@dataclass
class Record:
    """A governed object over one row. `subject` says whose record it is: the column of the key, and the kind."""

    row: strawberry.Private[Mapping[str, Any]]
    subject_of: ClassVar[tuple[str, str] | None] = None
    change_verb: ClassVar[str] = "ALTER"

    @classmethod
    async def resolve_references(
        cls, representations: Sequence[Mapping[str, Any]], info: RequestInfo
    ) -> Sequence[Self | None]:
        """Entities from what their representations bring; types with rows of their own override this."""
        return [cls(row=row_from_representation(representation)) for representation in representations]


def row_from_representation(representation: Mapping[str, Any]) -> dict[str, Any]:
    """A representation as a row: field names become column names, `__typename` goes; nothing is changed in place."""
    return {_column_name(name): value for name, value in representation.items() if name != "__typename"}


@dataclass(frozen=True, slots=True)
class _Line:
    """One field of a class body before it has its name."""

    resolver: Callable[[str], Resolver]
    name: str | None
    options: Mapping[str, Any]
    directives: tuple[object, ...]

    def field(self, python_name: str) -> StrawberryField:
        return federation.field(
            resolver=self.resolver(python_name), name=self.name, directives=self.directives, **self.options
        )


def column(
    source: str | None = None,
    *,
    name: str | None = None,
    tag: object | None = None,
    internal: bool = False,
    external: bool = False,
) -> Any:
    """A field that is a column: `source` where the column has another name, `name` where the field has.

    `internal` fields are @inaccessible: the federation joins on them, no caller can name them. `external` fields are
    another subgraph's, brought by representations: their tags are the owner's.
    """

    def resolver(python_name: str) -> Resolver:
        key = source or python_name

        def value(root: Record) -> Any:
            return root.row.get(key)

        return value

    directives = () if tag is None else (tag,)
    return _Line(resolver, name, {"inaccessible": internal, "external": external}, directives)


def coded(reference_list: str, source: str | None = None, *, name: str | None = None, tag: object | None = None) -> Any:
    """A CodedValue: the code is the column, its label comes from the reference list with this key."""

    def resolver(python_name: str) -> Resolver:
        key = source or python_name

        def value(root: Record, info: RequestInfo) -> Any:
            return coded_value(info.context.catalogue, reference_list, root.row.get(key))

        return value

    return _Line(resolver, name, {}, () if tag is None else (tag,))


def coded_list(
    reference_list: str, source: str | None = None, *, name: str | None = None, tag: object | None = None
) -> Any:
    """A list of CodedValue: the column holds a JSON list of codes."""

    def resolver(python_name: str) -> Resolver:
        key = source or python_name

        def value(root: Record, info: RequestInfo) -> Any:
            codes = root.row.get(key)
            return [coded_value(info.context.catalogue, reference_list, code) for code in codes or ()]

        return value

    return _Line(resolver, name, {}, () if tag is None else (tag,))


def value(
    make: Callable[[Mapping[str, Any], RequestInfo], Any],
    *,
    name: str | None = None,
    tag: object | None = None,
    internal: bool = False,
) -> Any:
    """A value type made from columns of the row by a plain function of row and info; it may be a coroutine function."""

    def resolver(_python_name: str) -> Resolver:
        def made(root: Record, info: RequestInfo) -> Any:
            return make(root.row, info)

        return made

    return _Line(resolver, name, {"inaccessible": internal}, () if tag is None else (tag,))


def resolved(
    resolver: Resolver,
    *,
    name: str | None = None,
    tag: object | None = None,
    requires: Sequence[str] = (),
    derived: Sequence[str] = (),
    counted: Callable[[Any, Any], Awaitable[int]] | None = None,
) -> Any:
    """A field with a resolver of its own (`root`, `info`, arguments).

    `counted` (of a record, for a request) says how many records it leads to without reading them: the existence probe.
    """
    if counted is not None:
        resolver.counted = counted  # type: ignore[attr-defined]
    directives = [] if tag is None else [tag]
    if derived:
        directives.append(Derived(from_=list(derived)))
    options = {"requires": list(requires)} if requires else {}
    return _Line(lambda _name: resolver, name, options, tuple(directives))


def governed_field(
    *,
    name: str | None = None,
    tag: object | None = None,
    requires: Sequence[str] = (),
    derived: Sequence[str] = (),
) -> Callable[[Resolver], Any]:
    """`resolved` as a decorator of a method, whose return annotation is the field's type."""

    def decorate(resolver: Resolver) -> Any:
        return resolved(resolver, name=name, tag=tag, requires=requires, derived=derived).field(resolver.__name__)

    return decorate


async def records_by_key(
    kind: type[R], lookup: Lookup, key: str, representations: Sequence[Mapping[str, Any]], info: RequestInfo
) -> Sequence[R | None]:
    """Entities of a type that has rows of its own, by the key field of their representations: one load for all."""
    loading = info.context.loading
    rows = await asyncio.gather(*(loading.row(lookup, str(representation[key])) for representation in representations))
    return [None if row is None else kind(row=row) for row in rows]


def governed_type(
    *,
    name: str | None = None,
    keys: Sequence[str] = (),
    subject: tuple[str, str] | None = None,
    resolvable: bool = True,
) -> Callable[[T], T]:
    """Make a class a federated type of the graph, every field tagged.

    `subject` is (python name of the field holding the subject's key, kind). Raises UntaggedCoordinate for a field
    without a tag, UngovernedSchema for a bare field of a class that wraps no row.
    """

    def decorate(cls: T) -> T:
        type_name = name or cls.__name__
        _write_lines(cls)
        for python_name, line in list(vars(cls).items()):
            if isinstance(line, StrawberryField):
                _tag_field(type_name, python_name, line)
        directives: list[object] = []
        if subject is not None:
            cls.subject_of = subject  # type: ignore[attr-defined]
            directives.append(Subject(key=to_camel_case(subject[0]), kind=subject[1]))
        return federation.type(name=type_name, keys=_keys(keys, resolvable), directives=directives)(cls)

    return decorate


def open_record(cls: T) -> T:
    """Make a class over one row a deliberately ungoverned type (reference data)."""
    _write_lines(cls)
    return federation.type(directives=[Open()])(cls)


def _keys(keys: Sequence[str], resolvable: bool) -> list[Any]:
    if resolvable:
        return list(keys)
    return [Key(fields=FieldSet(key), resolvable=False) for key in keys]


def _write_lines(cls: type) -> None:
    for python_name in get_annotations(cls):
        line = cls.__dict__.get(python_name)
        if line is None and not issubclass(cls, Record):
            raise UngovernedSchema(f"{cls.__name__}.{python_name} has no resolver.")
        if line is None:
            line = column()
        if isinstance(line, _Line):
            setattr(cls, python_name, line.field(python_name))


def _tag_field(type_name: str, python_name: str, field: StrawberryField) -> None:
    """Give the field its dictionary tag unless its line brought one. Raises UntaggedCoordinate."""
    if any(isinstance(directive, Dataset | Open | External) for directive in field.directives):
        return
    found = tag(f"{type_name}.{field.graphql_name or to_camel_case(python_name)}")
    field.directives = [*field.directives, *_tag_directives(found, field.directives)]


def _tag_directives(found: FieldTag, present: Sequence[object]) -> list[object]:
    directives: list[object] = [dataset_tag(found.dataset, found.sensitivity, found.mask)]
    if found.internal and not any(isinstance(directive, Inaccessible) for directive in present):
        directives.append(Inaccessible())
    return directives


def _column_name(field_name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in field_name)
