"""The access rules of a graph by schema coordinate: subgraph SDLs in, frozen `Rules` out. Composition is not asked.

Restrictions add up: a field tagged in two subgraphs needs both datasets, at the stricter sensitivity. A tag on a field
of an interface or an `@interfaceObject` is added to every implementing type.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

from authz.directives import Element, Label, Tags, TypeTags, tags_of_subgraph
from authz.errors import InvalidRules
from authz.facts import Facts, packaged_facts
from authz.tagged_graph import TaggedGraph, tagged_graph

SENSITIVITIES = frozenset({"S0", "S1", "S2", "S3", "S4"})
PARTS = frozenset({"input", "enum"})


@dataclass(frozen=True, slots=True)
class Rule:
    """What one output field needs: every one of `datasets`; nothing when `open`; what the field it is reached through
    needs when `inherits`. With none of the three it is untagged and denied.

    `external`: only fields that other subgraphs own and describe (a graph that is one subgraph); denied as untagged.
    `reaches` names the record types a field answers with; `concrete` the coordinates an interface's field stands for.
    """

    coordinate: str
    datasets: tuple[str, ...] = ()
    sensitivity: str = "S0"
    mask: str | None = None
    open: bool = False
    inherits: bool = False
    internal: bool = False
    external: bool = False
    write: bool = False
    derived: tuple[str, ...] = ()
    reaches: tuple[str, ...] = ()
    concrete: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose record a type is: `key` names the field that holds the subject's key, `kind` the subject's type."""

    type: str
    key: str
    kind: str


@dataclass(frozen=True, slots=True)
class Rules:
    """Every rule of a graph; equal when `version` is.

    `fields` by `Type.field`; `inputs` by `Type.field(arg:)`, `Input.field` and `Enum.VALUE`: what each use reads.
    `internal`: what the federation may read for joins although no caller may name it (inaccessible fields, keys).
    `untagged`: what a governed service refuses to start with. `dangling`: `@reads` and `@derived` of coordinates not
    in this graph; they are denied (to be expected of one subgraph alone, a fault of a whole graph). `stand_ins`: the
    types that stand where a record cannot be given, each with the outcome it stands for; they open nothing.
    """

    version: str
    fields: Mapping[str, Rule] = field(compare=False)
    inputs: Mapping[str, tuple[str, ...]] = field(compare=False)
    subjects: Mapping[str, Subject] = field(compare=False)
    internal: frozenset[str] = field(compare=False)
    untagged: tuple[str, ...] = field(compare=False)
    dangling: tuple[str, ...] = field(compare=False)
    stand_ins: Mapping[str, str] = field(compare=False, default_factory=lambda: MappingProxyType({}))

    def internally_readable(self, allowed: Iterable[str]) -> frozenset[str]:
        """What a plan may read without showing it: `internal` and the inputs of the `@derived` answers in `allowed`."""
        return self.internal.union(source for coordinate in allowed for source in self.fields[coordinate].derived)


@dataclass(frozen=True, slots=True)
class _Found:
    """All that subgraphs say about one element."""

    tags: tuple[Tags, ...] = ()
    type_name: str = ""

    def adding(self, tags: Tags, type_name: str) -> "_Found":
        return _Found((*self.tags, tags), self.type_name or type_name)

    @property
    def present(self) -> bool:
        return any(tags.present for tags in self.tags)

    @property
    def inaccessible(self) -> bool:
        return any(tags.inaccessible for tags in self.tags)


_Elements: TypeAlias = Mapping[str, _Found]


def rules_from_sdl(sdls: Mapping[str, str], facts: Facts | None = None) -> Rules:
    """The rules of the graph these subgraphs (name → SDL) make together; `facts` know datasets, floors and masks.

    Raises InvalidRules when an SDL does not parse, a tag names what does not exist, or two masks conflict.
    """
    facts = facts or packaged_facts()
    graph = tagged_graph(tags_of_subgraph(name, sdl) for name, sdl in sorted(sdls.items()))
    keys = graph.keys()
    outputs = dict(sorted(_outputs(graph).items()))
    used = _inputs(graph)
    fields = {coordinate: _rule(graph, facts, coordinate, found) for coordinate, found in outputs.items()}
    fields |= _interface_rules(graph, fields)
    inputs = {coordinate: _reads(found) for coordinate, found in used.items() if _judged(graph, found)}
    return Rules(
        version=_version([*fields.values(), *inputs.items()]),
        fields=MappingProxyType(fields),
        inputs=MappingProxyType(inputs),
        subjects=MappingProxyType(dict(_subjects(graph))),
        internal=keys.union(coordinate for coordinate, rule in fields.items() if rule.internal),
        untagged=tuple(sorted([*_untagged_outputs(fields), *(used.keys() - inputs.keys())])),
        dangling=tuple(sorted(set(_named(fields, inputs)) - fields.keys())),
        stand_ins=MappingProxyType(dict(_stand_ins(graph))),
    )


def _outputs(graph: TaggedGraph) -> _Elements:
    """Every object field with all tags on it: its own in each subgraph, its interfaces', those of interface objects."""
    found: dict[str, _Found] = {}
    for version in (version for versions in graph.types.values() for version in versions):
        for owner in graph.owners(version):
            declared = {element.name for element in graph.elements(owner)}
            for element in version.elements:
                if version.kind == "object" or element.name in declared:
                    coordinate = f"{owner}.{element.name}"
                    tags = _effective(version, element)
                    found[coordinate] = found.get(coordinate, _Found()).adding(tags, element.type_name)
    return found


def _effective(version: TypeTags, element: Element) -> Tags:
    """A field's own tag, else its type's. An `@external` field is described by the subgraph that owns it; hiding an
    interface's field does not hide the implementing types'."""
    own, kind = element.tags, version.tags
    source = own if own.present or own.external else kind
    hidden = version.kind == "object" and (own.inaccessible or kind.inaccessible)
    return Tags(source.label, source.open, source.inherit, None, own.derived, own.external, hidden)


def _rule(graph: TaggedGraph, facts: Facts, coordinate: str, found: _Found) -> Rule:
    labels = {tags.label for tags in found.tags if tags.label}
    type_name = coordinate.partition(".")[0]
    inherits = not labels and any(tags.inherit for tags in found.tags)
    return Rule(
        coordinate=coordinate,
        datasets=tuple(sorted({label.dataset for label in labels})),
        sensitivity=max((_sensitivity(facts, coordinate, label) for label in labels), default="S0"),
        mask=_mask(facts, coordinate, labels),
        open=not labels and not inherits and any(tags.open for tags in found.tags),
        inherits=inherits,
        internal=found.inaccessible or graph.hidden(type_name),
        external=all(tags.external for tags in found.tags),
        write=type_name == "Mutation",
        derived=tuple(sorted({source for tags in found.tags for source in tags.derived})),
        reaches=tuple(sorted(graph.records(found.type_name))),
    )


def _sensitivity(facts: Facts, coordinate: str, label: Label) -> str:
    """The label's sensitivity, raised to its dataset's floor (entities.md 3, rule 2)."""
    dataset = facts.datasets.get(label.dataset)
    if dataset is None:
        raise InvalidRules(f"{coordinate} is tagged with the unknown dataset {label.dataset}.")
    if label.sensitivity not in SENSITIVITIES:
        raise InvalidRules(f"{coordinate} is tagged with the unknown sensitivity {label.sensitivity}.")
    return max(label.sensitivity, dataset.floor)


def _mask(facts: Facts, coordinate: str, labels: Iterable[Label]) -> str | None:
    """The one mask all labels agree on. Where one label has none, none applies: the masked form is then refused."""
    masks = {label.mask for label in labels}
    named = sorted(mask for mask in masks if mask)
    if unknown := [mask for mask in named if mask not in facts.masks]:
        raise InvalidRules(f"{coordinate} is tagged with the unknown mask {unknown[0]}.")
    if len(named) > 1:
        raise InvalidRules(f"{coordinate} has conflicting masks: {', '.join(named)}.")
    return None if None in masks or not named else named[0]


def _interface_rules(graph: TaggedGraph, fields: Mapping[str, Rule]) -> Mapping[str, Rule]:
    """An interface's field stands for the same field of every implementing type: the lowest of their decisions."""
    found = {}
    for interface in sorted(graph.of_kind("interface")):
        for element in graph.elements(interface):
            coordinate = f"{interface}.{element.name}"
            concrete = tuple(f"{name}.{element.name}" for name in graph.implementers(interface))
            internal = all(fields[name].internal for name in concrete if name in fields)
            found[coordinate] = Rule(coordinate, internal=internal, concrete=concrete)
    return found


def _inputs(graph: TaggedGraph) -> _Elements:
    """Every argument, input field and enum value that a caller can use, with all tags on it."""
    found: dict[str, _Found] = {}
    for coordinate, element in sorted(_usable(graph), key=lambda usable: usable[0]):
        found[coordinate] = found.get(coordinate, _Found()).adding(element.tags, element.type_name)
    enums = {seen.type_name for seen in found.values() if graph.kind(seen.type_name) == "enum"}
    for name in sorted(enums):
        for value in graph.elements(name):
            coordinate = f"{name}.{value.name}"
            found[coordinate] = found.get(coordinate, _Found()).adding(value.tags, "")
    return {coordinate: seen for coordinate, seen in found.items() if not seen.inaccessible}


def _usable(graph: TaggedGraph) -> Iterator[tuple[str, Element]]:
    """The arguments of object fields (an interface's are judged on the implementing types) and input types' fields."""
    for version in (version for versions in graph.types.values() for version in versions):
        for element in version.elements:
            if version.kind == "input":
                yield f"{version.name}.{element.name}", element
            elif version.kind == "object" and not element.tags.inaccessible and not graph.hidden(version.name):
                for owner in graph.owners(version):
                    yield from ((f"{owner}.{element.name}({part.name}:)", part) for part in element.arguments)


def _judged(graph: TaggedGraph, found: _Found) -> bool:
    """Tagged itself, or of an input or enum type, whose parts are tagged and judged one by one."""
    return found.present or graph.kind(found.type_name) in PARTS


def _reads(found: _Found) -> tuple[str, ...]:
    return tuple(sorted({coordinate for tags in found.tags for coordinate in tags.reads or ()}))


def _untagged_outputs(fields: Mapping[str, Rule]) -> Iterator[str]:
    for coordinate, rule in fields.items():
        described = rule.datasets or rule.open or rule.inherits or rule.internal or rule.concrete or rule.external
        if not described:
            yield coordinate


def _named(fields: Mapping[str, Rule], inputs: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    yield from (coordinate for reads in inputs.values() for coordinate in reads)
    yield from (coordinate for rule in fields.values() for coordinate in rule.derived)


def _subjects(graph: TaggedGraph) -> Iterator[tuple[str, Subject]]:
    for name, versions in sorted(graph.types.items()):
        said = {version.subject for version in versions if version.subject}
        if len(said) > 1:
            raise InvalidRules(f"{name} has different @subject tags in two subgraphs.")
        yield from ((name, Subject(name, key, kind)) for key, kind in said)


def _stand_ins(graph: TaggedGraph) -> Iterator[tuple[str, str]]:
    for name, versions in sorted(graph.types.items()):
        yield from ((name, version.stand_in) for version in versions if version.stand_in)


def _version(parts: Iterable[object]) -> str:
    return hashlib.sha256("\n".join(map(repr, parts)).encode()).hexdigest()
