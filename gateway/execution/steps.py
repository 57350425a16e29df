"""Running a program without I/O: a generator that yields the requests of each level and is sent their replies
(style: h11, httpx auth).

Keeps one request's merged data; never changes the program, never waits, never reads a clock.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from authz.disclosure import Disclosure
from gateway.execution.asked import keep_asked
from gateway.execution.contexts import Contexts, Group
from gateway.execution.failures import Failure, FieldError, lost, unavailable
from gateway.execution.fetch_operation import ENTITIES, REPRESENTATIONS, combined_text
from gateway.execution.placement import Placement, copied, objects_around, objects_at
from gateway.execution.program import FetchSpec, Guard, Program, RequestSpec, Segment, Target
from gateway.execution.reduced import Decide, disagrees
from gateway.execution.reply import NoContent, ReplyContent, ReplyRules, read_reply
from gateway.execution.representations import Builder, Unasked, renamed, rewrite_value
from gateway.execution.result import ExecutionRequest, FetchTrace
from gateway.execution.schema_index import SchemaIndex
from gateway.execution.variables import numbered


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One request to send. `repeatable` says that sending it twice changes nothing."""

    subgraph: str
    body: bytes
    repeatable: bool


@dataclass(frozen=True, slots=True)
class Arrived:
    """A reply, whatever is in it. `seconds` is how long it took."""

    status: int
    body: bytes
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class NotArrived:
    """No reply: one word for metrics and a phrase that completes "'<subgraph>' …"."""

    status: str
    reason: str
    seconds: float = 0.0


Incoming = Arrived | NotArrived
Steps = Generator[tuple[Outgoing, ...], Sequence[Incoming], "Gathered"]


@dataclass(slots=True)
class Gathered:
    """What all fetches brought together."""

    data: dict[str, Any] = field(default_factory=dict)
    loose: list[FieldError] = field(default_factory=list)
    disclosures: list[Disclosure] = field(default_factory=list)
    fetches: list[FetchTrace] = field(default_factory=list)
    disagreements: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Batch:
    """One fetch with its representations, each with the objects it stands for (per target path).

    `given` are the values that these objects' contexts give to variables, as JSON.
    """

    spec: FetchSpec
    given: Mapping[str, bytes] = field(default_factory=dict)
    alias: str = ENTITIES
    encoded: dict[bytes, int] = field(default_factory=dict)
    places: list[list[list[dict[str, Any]]]] = field(default_factory=list)
    roots: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class _Prepared:
    request: RequestSpec
    batches: list[_Batch]
    outgoing: Outgoing
    entities: int


def run_steps(program: Program, request: ExecutionRequest, index: SchemaIndex, rules: ReplyRules) -> Steps:
    """Yield each level's requests, be sent one Incoming for each in the same order, return what was gathered."""
    variables = request.variables
    run = _Run(variables, program.source.conditions(variables), index, rules, request.decide, request.facts)
    for level in program.levels:
        prepared = [item for request in level for item in run.prepare(request)]
        if prepared:
            replies = yield tuple(item.outgoing for item in prepared)
            run.receive(prepared, replies)
        run.settle()
    return run.gathered


@dataclass(slots=True)
class _Run:
    variables: Mapping[str, Any]
    conditions: Mapping[str, bool]
    index: SchemaIndex
    rules: ReplyRules
    decide: Decide | None
    facts: int
    gathered: Gathered = field(default_factory=Gathered)
    _unasked: list[tuple[dict[str, Any], FetchSpec, Group]] = field(default_factory=list)

    def prepare(self, request: RequestSpec) -> list[_Prepared]:
        """The request for the data as it is now; none when there is nothing to ask for.

        Several, where one fetch needs several values for one variable and cannot share a request.
        """
        batches = [batch for spec in request.fetches for batch in self._batches(spec)]
        if all(batch.spec.operation.entity_body is not None for batch in batches):
            return [self._prepared(request, batches)] if batches else []
        return [self._prepared(request, [batch]) for batch in batches]

    def settle(self) -> None:
        """Put what could not be asked for in its places, once all replies of the level are in theirs."""
        for entity, spec, group in self._unasked:
            for selection, failure in group.failed:
                self._placement(spec).fill(entity, selection, failure)
        self._unasked.clear()

    def _prepared(self, request: RequestSpec, batches: list[_Batch]) -> _Prepared:
        if len(batches) > 1:
            for number, batch in enumerate(batches):
                batch.alias = f"_e{number}"
        is_query = all(batch.spec.operation.is_query for batch in batches)
        outgoing = Outgoing(request.subgraph, _body(batches, self.variables), is_query)
        return _Prepared(request, batches, outgoing, sum(len(batch.encoded) for batch in batches))

    def receive(self, prepared: Sequence[_Prepared], replies: Sequence[Incoming]) -> None:
        """Place a level's replies; failures last, so that they only take places nobody else filled."""
        failed: list[tuple[_Prepared, Failure]] = []
        for item, reply in zip(prepared, replies, strict=True):
            content, status = self._content(item, reply)
            self._trace(item, reply, status, content)
            if isinstance(content, Failure):
                failed.append((item, content))
            else:
                self._place(item, content, failed)
        for item, failure in failed:
            for batch in item.batches:
                self._fail(batch, failure)

    def _holds(self, guards: tuple[Guard, ...]) -> bool:
        return all(
            self.conditions.get(guard.variable, bool(self.variables.get(guard.variable))) is guard.expected
            for guard in guards
        )

    def _batches(self, spec: FetchSpec) -> list[_Batch]:
        """The fetch for the data as it is now, apart for objects whose contexts differ; none when there is nothing."""
        targets = [target for target in spec.targets if self._holds(target.guards)]
        if not spec.operation.of_entities:
            places = [place for target in targets for place in objects_at(self.gathered.data, target.path, self.index)]
            return [_Batch(spec, roots=places)] if places else []
        builder, batches = Builder(spec, self.index), dict[tuple[str | bytes, ...], _Batch]()
        if not spec.contexts:
            batches[()] = _Batch(spec)
        for target in targets:
            if spec.contexts:
                self._collect_apart(batches, builder, target)
            else:
                objects = objects_at(self.gathered.data, target.path, self.index)
                self._collect(batches[()], builder, objects)
        return [batch for batch in batches.values() if batch.encoded]

    def _collect_apart(self, batches: dict[tuple[str | bytes, ...], _Batch], builder: Builder, target: Target) -> None:
        """Add one target's objects to the batches of their contexts; what their contexts do not let us ask is noted."""
        contexts, groups = Contexts(builder.spec, self.index), dict[tuple[str | bytes, ...], list[dict[str, Any]]]()
        for entity, around in objects_around(self.gathered.data, target.path, self.index):
            group = contexts.group(entity, around)
            if group.failed and not isinstance(builder.build(entity), dict):
                self._collect(_Batch(builder.spec), builder, [entity])
                continue
            if group.failed:
                self._unasked.append((entity, builder.spec, group))
            if group.spec is not None:
                batches.setdefault(group.key, _Batch(group.spec, group.given))
                groups.setdefault(group.key, []).append(entity)
        for key, objects in groups.items():
            self._collect(batches[key], builder, objects)

    def _collect(self, batch: _Batch, builder: Builder, objects: list[dict[str, Any]]) -> None:
        """Add one target's objects; those that cannot be asked for get their outcome at once."""
        at_target: dict[int, list[dict[str, Any]]] = {}
        placement = self._placement(batch.spec)
        for entity in objects:
            built = builder.build(entity)
            if isinstance(built, dict):
                position = batch.encoded.setdefault(msgspec.json.encode(built), len(batch.encoded))
                at_target.setdefault(position, []).append(entity)
            elif built is not Unasked.OTHER_TYPE:
                filler = built if isinstance(built, Failure) else None
                placement.fill(entity, batch.spec.operation.selection, filler)
        batch.places.extend([] for _ in range(len(batch.encoded) - len(batch.places)))
        for position, entities in at_target.items():
            batch.places[position].append(entities)

    def _content(self, item: _Prepared, reply: Incoming) -> tuple[ReplyContent | Failure, str]:
        service = item.request.subgraph
        if isinstance(reply, NotArrived):
            return lost(unavailable(service, reply.reason)), reply.status
        of_entities = item.batches[0].spec.operation.of_entities
        content = read_reply(service, reply.status, reply.body, self.rules, of_entities=of_entities)
        if content.denied:
            self._disagreed(service, content.facts)
        if isinstance(content, NoContent):
            return content.failure, content.status
        if self.decide is not None and disagrees(content.reductions, content.disclosures, self.decide):
            return self._disagreed(service, content.facts), "disagreed"
        return content, "ok"

    def _disagreed(self, service: str, facts: int) -> Failure:
        """Two decisions differ, so neither is acted on: an alarm, unless the other one is by facts that are newer."""
        if facts <= self.facts:
            self.gathered.disagreements.append(service)
        return lost(unavailable(service, "decided otherwise about access"))

    def _trace(self, item: _Prepared, reply: Incoming, status: str, content: ReplyContent | Failure) -> None:
        size = len(reply.body) if isinstance(reply, Arrived) else 0
        statements = content.statements if isinstance(content, ReplyContent) else 0
        path = _printed(item.batches[0].spec.targets[0].path)
        trace = FetchTrace(item.request.subgraph, path, status, size, reply.seconds, item.entities, statements)
        self.gathered.fetches.append(trace)

    def _place(self, item: _Prepared, content: ReplyContent, failed: list[tuple[_Prepared, Failure]]) -> None:
        self.gathered.loose += content.loose
        self.gathered.disclosures += content.disclosures
        for batch in item.batches:
            if not batch.spec.operation.of_entities:
                self._place_root(batch, content.data)
                continue
            entities = content.data.get(batch.alias)
            if type(entities) is Failure or entities is None:
                failure = _of_whole_batch(entities, batch.spec)
            elif type(entities) is list and len(entities) == len(batch.encoded):
                self._place_entities(batch, entities)
                continue
            else:
                failure = lost(unavailable(batch.spec.subgraph, "answered for another number of objects than asked"))
            failed.append((replace(item, batches=[batch]), failure))

    def _place_root(self, batch: _Batch, data: dict[str, Any]) -> None:
        keep_asked(data, batch.spec.operation.shape, _too_deep(batch.spec))
        self._rewrite(batch.spec, data)
        placement = self._placement(batch.spec)
        for number, target in enumerate(batch.roots):
            placement.merge(target, copied(data) if number else data, batch.spec.operation.selection)

    def _place_entities(self, batch: _Batch, entities: list[Any]) -> None:
        keep_asked(entities, batch.spec.operation.shape, _too_deep(batch.spec))
        placement = self._placement(batch.spec)
        for entity, places in zip(entities, batch.places, strict=True):
            if type(entity) is dict:
                self._rewrite(batch.spec, entity)
            for number, objects in enumerate(places):
                # Objects at one path are selected alike and may share; at another path other things may be merged in.
                value = copied(entity) if number else entity
                for target in objects:
                    self._place_entity(placement, target, value, batch.spec)

    def _place_entity(self, placement: Placement, target: dict[str, Any], value: Any, spec: FetchSpec) -> None:
        selection = spec.operation.selection
        if type(value) is dict:
            placement.merge(target, value, selection)
        elif value is None or type(value) is Failure:
            placement.fill(target, selection, _of_entity(value, spec))
        else:
            placement.fill(target, selection, placement.disagreed)

    def _fail(self, batch: _Batch, failure: Failure) -> None:
        placement, selection = self._placement(batch.spec), batch.spec.operation.selection
        for target in (*batch.roots, *(entity for places in batch.places for objects in places for entity in objects)):
            placement.fill(target, selection, failure)

    def _rewrite(self, spec: FetchSpec, value: dict[str, Any]) -> None:
        for rewrite in spec.output_rewrites:
            rewrite_value(value, rewrite.path, rewrite, self.index)

    def _placement(self, spec: FetchSpec) -> Placement:
        error = unavailable(spec.subgraph, "answered in another shape than the other subgraphs")
        return Placement(self.index, lost(error))


def _too_deep(spec: FetchSpec) -> Failure:
    return lost(unavailable(spec.subgraph, "sent a value that is nested too deeply"))


def _of_entity(failure: Failure | None, spec: FetchSpec) -> Failure | None:
    """The failure of a null entity: its errors belong to the object, one of whose fields each may name."""
    if failure is None:
        return None
    causes = tuple(
        replace(cause, below=renamed(cause.below, spec.output_rewrites), of_parent=True) for cause in failure.causes
    )
    return Failure(causes, failure.lost)


def _of_whole_batch(failure: Failure | None, spec: FetchSpec) -> Failure:
    if failure is None:
        return lost(unavailable(spec.subgraph, "did not answer for the objects asked"))
    return Failure(tuple(replace(cause, below=(), of_parent=True) for cause in failure.causes), lost=True)


def _printed(path: tuple[Segment, ...]) -> str:
    return ".".join("@" if segment.key is None else segment.key for segment in path)


def _body(batches: Sequence[_Batch], variables: Mapping[str, Any]) -> bytes:
    """The JSON body; representations are spliced in as they were encoded for comparison."""
    alone = len(batches) == 1
    operations = [numbered(batch.spec.operation, frozenset(batch.given), n) for n, batch in enumerate(batches)]
    text = operations[0].text if alone else combined_text(operations)
    names = dict.fromkeys(name for batch in batches for name in batch.spec.variables)
    given = [
        b"%b:%b" % (msgspec.json.encode(name), msgspec.json.encode(variables[name]))
        for name in names
        if name in variables
    ]
    for number, batch in enumerate(batches):
        suffix = "" if alone else f"__{number}"
        given += [b'"%b":%b' % (f"{name}{suffix}".encode(), value) for name, value in batch.given.items()]
        if batch.spec.operation.of_entities:
            given.append(b'"%b":[%b]' % (f"{REPRESENTATIONS}{suffix}".encode(), b",".join(batch.encoded)))
    body = b'{"query":%b' % msgspec.json.encode(text)
    if given:
        body += b',"variables":{%b}' % b",".join(given)
    name = next((operation.name for operation in operations if operation.name), None)
    if name is not None:
        body += b',"operationName":%b' % msgspec.json.encode(name)
    return body + b"}"
