"""The standard access directives over HTTP, over a supergraph that nobody propagated them in: what is answered, what is
said about the rest, and that a subgraph is never asked for what this caller may not be shown."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio

from gateway.reload import ReloadOutcome
from tests.gateway.archive import Archive, access, running

PII = '@requiresScopes(scopes: [["pii"]])'
SOURCE = '@requiresScopes(scopes: [["source"]])'
LOGIN = "@authenticated"
ADULT = '@policy(policies: [["adult", "trained"], ["inspector"]])'
POLICIES = """
@id("adult") permit(principal, action == Action::"adult", resource) when { principal.scopes.contains("adult") };
@id("trained") permit(principal, action in [Action::"trained", Action::"other"], resource)
  when { principal.hasTag("roles") && principal.getTag("roles").contains("detective") };
@id("barred") forbid(principal, action, resource) when { principal.scopes.contains("barred") };
@id("everything") permit(principal, action, resource) when { principal.scopes.contains("everything") };
"""


@dataclass(frozen=True)
class Case:
    """One request: under these rules, by the holder of this scope (None: nobody), with the data it must give, the
    coordinate at each path that is denied, and the coordinates no subgraph may have been asked for."""

    rules: dict[str, str]
    query: str
    data: Any
    denied: dict[tuple[str | int, ...], str] = field(default_factory=dict)
    scope: str | None = None
    never: tuple[str, ...] = ()
    variables: dict[str, Any] = field(default_factory=dict)
    requests: int | None = None


CASES = {
    "a field for the holder of a token": Case(
        {"Member.name": LOGIN}, "{members{id name}}", {"members": [{"id": "m1", "name": "Ada"}]}, scope=""
    ),
    "a field for nobody": Case(
        {"Member.name": LOGIN},
        "{members{id name}}",
        {"members": [{"id": "m1", "name": None}]},
        {("members", 0, "name"): "Member.name"},
        never=("Member.name",),
    ),
    "a whole operation for nobody": Case(
        {"Query.latest": LOGIN, "Query.members": PII},
        "{latest{text} them: members{id}}",
        {"latest": None, "them": None},
        {("latest",): "Query.latest", ("them",): "Query.members"},
        requests=0,
    ),
    "a non-null field": Case(
        {"Member.email": PII},
        "{members{id email} latest{text}}",
        {"members": None, "latest": {"text": "late"}},
        {("members", 0, "email"): "Member.email"},
        never=("Member.email",),
    ),
    "an alias, judged by the field it stands for": Case(
        {"Member.born": PII},
        "{members{name: born born: name}}",
        {"members": [{"name": None, "born": "Ada"}]},
        {("members", 0, "name"): "Member.born"},
        never=("Member.born",),
    ),
    "an alias that looks like introspection": Case(
        {"Query.latest": LOGIN},
        "{__schema: latest{text}}",
        {"__schema": None},
        {("__schema",): "Query.latest"},
        requests=0,
    ),
    "all scopes of one alternative": Case(
        {"Member.name": '@requiresScopes(scopes: [["a", "b"], ["c"]])'},
        "{members{name}}",
        {"members": [{"name": "Ada"}]},
        scope="b x a",
    ),
    "one scope of each alternative": Case(
        {"Member.name": '@requiresScopes(scopes: [["a", "b"], ["c", "d"]])'},
        "{members{name}}",
        {"members": [{"name": None}]},
        {("members", 0, "name"): "Member.name"},
        scope="b d",
        never=("Member.name",),
    ),
    "no alternative at all": Case(
        {"Member.name": "@requiresScopes(scopes: [[]])"},
        "{members{name}}",
        {"members": [{"name": None}]},
        {("members", 0, "name"): "Member.name"},
        scope="a",
        never=("Member.name",),
    ),
    "a scope in other letters": Case(
        {"Member.name": PII},
        "{members{name}}",
        {"members": [{"name": None}]},
        {("members", 0, "name"): "Member.name"},
        scope="PII",
    ),
    "a rule of each of two subgraphs, one met": Case(
        {"Member.name": f"{PII} {SOURCE}"},
        "{members{name}}",
        {"members": [{"name": None}]},
        {("members", 0, "name"): "Member.name"},
        scope="pii",
    ),
    "a rule of each of two subgraphs, both met": Case(
        {"Member.name": f"{PII} {SOURCE}"}, "{members{name}}", {"members": [{"name": "Ada"}]}, scope="source pii"
    ),
    "policies, all of one alternative": Case(
        {"Member.name": ADULT}, "{members{name}}", {"members": [{"name": "Ada"}]}, scope="adult"
    ),
    "policies, one of an alternative": Case(
        {"Member.name": ADULT},
        "{members{name}}",
        {"members": [{"name": None}]},
        {("members", 0, "name"): "Member.name"},
        scope="",
    ),
    "a policy that is forbidden": Case(
        {"Member.name": ADULT},
        "{members{name}}",
        {"members": [{"name": None}]},
        {("members", 0, "name"): "Member.name"},
        scope="adult barred",
    ),
    "a policy nobody knows, though everything is permitted": Case(
        {"Member.name": '@policy(policies: [["inspector"]])'},
        "{members{name}}",
        {"members": [{"name": None}]},
        {("members", 0, "name"): "Member.name"},
        scope="everything",
    ),
    "a policy for nobody": Case(
        {"Member.name": '@policy(policies: [["trained"]])'},
        "{members{name}}",
        {"members": [{"name": None}]},
        {("members", 0, "name"): "Member.name"},
    ),
    "a field that requires another": Case(
        {"Member.born": PII},
        "{members{colour risk}}",
        {"members": [{"colour": "blue", "risk": None}]},
        {("members", 0, "risk"): "Member.risk"},
        never=("Member.risk", "Member.born"),
    ),
    "a field that requires one that requires another": Case(
        {"Member.born": PII},
        "{members{band}}",
        {"members": [{"band": None}]},
        {("members", 0, "band"): "Member.band"},
        never=("Member.born", "Member.risk", "Member.band"),
    ),
    "a field that requires another, for who may see it": Case(
        {"Member.born": PII}, "{members{band}}", {"members": [{"band": "band 4"}]}, scope="pii"
    ),
    "a key": Case(
        {"Member.id": PII},
        "{members{id colour}}",
        {"members": None},
        {("members", 0, "id"): "Member.id"},
    ),
    "a key that only joins": Case({"Member.id": PII}, "{members{colour}}", {"members": [{"colour": "blue"}]}),
    "one implementation of an interface": Case(
        {"SealedRecord.title": SOURCE},
        "{records{title}}",
        {"records": [{"title": "Open 1"}, {"title": None}]},
        {("records", 1, "title"): "SealedRecord.title"},
        never=("SealedRecord.title",),
    ),
    "a type among implementations": Case(
        {"SealedRecord": SOURCE},
        "{records{title author{name}}}",
        {"records": [{"title": "Open 1", "author": {"name": "Ada"}}, {"title": None, "author": None}]},
        {("records", 1, "title"): "SealedRecord.title", ("records", 1, "author"): "SealedRecord.author"},
        never=("SealedRecord.title", "SealedRecord.author"),
    ),
    "a type among implementations, through nameless and wider fragments": Case(
        {"SealedRecord": SOURCE},
        "{records{...{title} ...on Record{...F}}} fragment F on Record{author{name}}",
        {"records": [{"title": "Open 1", "author": {"name": "Ada"}}, {"title": None, "author": None}]},
        {("records", 1, "title"): "SealedRecord.title", ("records", 1, "author"): "SealedRecord.author"},
        never=("SealedRecord.title", "SealedRecord.author"),
    ),
    "a rule that only the interface states": Case(
        {"Record.title": SOURCE},
        "{records{...on OpenRecord{title pages}}}",
        {"records": [{"title": None, "pages": 10}, {}]},
        {("records", 0, "title"): "OpenRecord.title"},
        never=("OpenRecord.title",),
    ),
    "an interface that is protected as a whole": Case(
        {"Record": LOGIN}, "{records{title}}", None, {("records",): "Query.records"}, requests=0
    ),
    "an interface all of whose types are protected": Case(
        {"OpenRecord": LOGIN, "SealedRecord": LOGIN},
        '{record(id:"o1"){__typename}}',
        {"record": None},
        {("record",): "Query.record"},
        requests=0,
    ),
    "the name of a protected type": Case(
        {"SealedRecord": SOURCE},
        "{search{__typename}}",
        {"search": [{"__typename": "Member"}, {"__typename": "OpenRecord"}, None]},
        {("search", 2, "__typename"): "SealedRecord.__typename"},
    ),
    "the name of a protected type, in a fragment and under another name": Case(
        {"SealedRecord": SOURCE},
        "{search{...{...F}}} fragment F on Hit{kind: __typename}",
        {"search": [{"kind": "Member"}, {"kind": "OpenRecord"}, None]},
        {("search", 2, "kind"): "SealedRecord.__typename"},
    ),
    "one member of a union": Case(
        {"SealedRecord": SOURCE, "Member.born": PII},
        "{search{...on Member{v: name born} ...on SealedRecord{v: title} ...on OpenRecord{v: title}}}",
        {"search": [{"v": "Ada", "born": "1990"}, {"v": "Open 1"}, {"v": None}]},
        {("search", 2, "v"): "SealedRecord.title"},
        scope="pii",
        never=("SealedRecord.title",),
    ),
    "response keys that members share": Case(
        {"Member.born": PII},
        "{search{...on Member{v: born} ...on OpenRecord{v: title}}}",
        {"search": [{"v": None}, {"v": "Open 1"}, {}]},
        {("search", 0, "v"): "Member.born"},
        never=("Member.born",),
    ),
    "a type reached under an object": Case(
        {"SealedRecord": SOURCE},
        "{members{wrote{...on SealedRecord{seal}}}}",
        {"members": [{"wrote": [{}, {"seal": None}]}]},
        {("members", 0, "wrote", 1, "seal"): "SealedRecord.seal"},
        never=("SealedRecord.seal",),
    ),
    "an enum and a scalar": Case(
        {"Seal": SOURCE, "Stamp": PII},
        '{record(id:"s1"){...on SealedRecord{title seal}} members{name stamp}}',
        {"record": {"title": "Sealed 1", "seal": None}, "members": [{"name": "Ada", "stamp": None}]},
        {("record", "seal"): "SealedRecord.seal", ("members", 0, "stamp"): "Member.stamp"},
        never=("SealedRecord.seal", "Member.stamp"),
    ),
    "a protected enum's value as an argument": Case(
        {"Seal": SOURCE},
        "{search(seal:RED){...on Member{name}}}",
        {"search": None},
        {("search",): "Query.search"},
        requests=0,
    ),
    "a protected enum's value inside an input": Case(
        {"Seal": SOURCE},
        "query($f:Filter){search(filter:$f){...on Member{name}}}",
        {"search": None},
        {("search",): "Query.search"},
        variables={"f": {"inner": {"seal": "RED"}}},
        requests=0,
    ),
    "a protected enum's value by default": Case(
        {"Seal": SOURCE},
        "{sealedBy{...on OpenRecord{title}}}",
        {"sealedBy": None},
        {("sealedBy",): "Query.sealedBy"},
        requests=0,
    ),
    "a protected scalar as an argument": Case(
        {"Stamp": SOURCE},
        '{search(stamp:"x"){...on Member{name}}}',
        {"search": None},
        {("search",): "Query.search"},
        requests=0,
    ),
    "an argument beside a protected one": Case(
        {"Seal": SOURCE, "Stamp": SOURCE},
        '{search(text:"x"){...on Member{name}}}',
        {"search": [{"name": "Ada"}, {}, {}]},
    ),
    "a protected enum's value, for who may use it": Case(
        {"Seal": SOURCE},
        "{search(seal:RED){...on Member{name}}}",
        {"search": [{"name": "Ada"}, {}, {}]},
        scope="source",
    ),
    "included by a variable": Case(
        {"Member.born": PII},
        "query($p:Boolean!){members{name born @include(if:$p)}}",
        {"members": [{"name": "Ada", "born": None}]},
        {("members", 0, "born"): "Member.born"},
        variables={"p": True},
        never=("Member.born",),
    ),
    "left out by a variable": Case(
        {"Member.born": PII},
        "query($p:Boolean!){members{name born @include(if:$p)}}",
        {"members": [{"name": "Ada"}]},
        variables={"p": False},
        never=("Member.born",),
    ),
    "skipped in a fragment": Case(
        {"Member.born": PII},
        "query($p:Boolean=true){members{name ...@skip(if:$p){born}}}",
        {"members": [{"name": "Ada"}]},
    ),
    "one operation of a document": Case({"Query.latest": LOGIN}, "{members{name}}", {"members": [{"name": "Ada"}]}),
    "a mutation that is denied": Case(
        {"Mutation.rename": LOGIN},
        'mutation{rename(id:"m1",name:"x"){name}}',
        {"rename": None},
        {("rename",): "Mutation.rename"},
        requests=0,
    ),
    "a mutation beside a denied one": Case(
        {"Mutation.seal": LOGIN},
        'mutation{rename(id:"m1",name:"x"){name} seal(id:"s1"){title}}',
        {"rename": None, "seal": None},
        {("rename",): "Mutation.rename", ("seal",): "Mutation.seal"},
        requests=0,
    ),
    "a mutation whose answer is protected": Case(
        {"SealedRecord": SOURCE},
        'mutation{...{again: seal(id:"s1"){title}}}',
        {"again": None},
        {("again",): "Mutation.seal"},
        requests=0,
    ),
    "a mutation for who may": Case(
        {"Mutation.seal": LOGIN, "SealedRecord": SOURCE},
        'mutation{seal(id:"s1"){title}}',
        {"seal": {"title": "Sealed 1"}},
        scope="source",
    ),
    "a variable whose value leaves the protected part out": Case(
        {"Seal": SOURCE},
        "query($f:Filter){search(filter:$f){...on Member{name}}}",
        {"search": [{"name": "Ada"}, {}, {}]},
        variables={"f": {"text": "x", "inner": {"inner": {"text": "y"}}}},
    ),
    "a variable that uses the protected part three levels down": Case(
        {"Seal": SOURCE},
        "query($f:Filter){search(filter:$f){...on Member{name}}}",
        {"search": None},
        {("search",): "Query.search"},
        variables={"f": {"text": "x", "inner": {"inner": {"seal": "RED"}}}},
        requests=0,
    ),
    "a filter that is named after a protected field": Case(
        {"SealedRecord.title": SOURCE, "Member.born": SOURCE},
        "query($f:Filter){search(filter:$f){...on Member{name}} member(id:1){born}}",
        {"search": [{"name": "Ada"}, {}, {}], "member": {"born": None}},
        {("member", "born"): "Member.born"},
        variables={"f": {"text": "x"}},
    ),
    "an ordering by a protected type's field": Case(
        {"SealedRecord": SOURCE},
        "{search(filter:{seal:RED}){...on Member{name}}}",
        {"search": None},
        {("search",): "Query.search"},
        requests=0,
    ),
    "introspection": Case(
        {"SealedRecord": SOURCE, "Query.latest": LOGIN},
        '{__type(name:"SealedRecord"){name} latest{text}}',
        {"__type": None, "latest": None},
        {("latest",): "Query.latest"},
        requests=0,
    ),
}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def archive() -> AsyncIterator[Archive]:
    async with running(access(POLICIES)) as started:
        yield started


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_answers(archive: Archive, case: Case):
    assert await archive.guard(case.rules) is not ReloadOutcome.REFUSED
    response = await archive.send(case.query, case.scope, variables=case.variables)
    asked, requests = archive.asked(), archive.requests()
    told = response.json()
    assert response.status_code == 200
    assert told["data"] == case.data
    errors = told.get("errors", [])
    assert {tuple(each["path"]): each["extensions"]["coordinate"] for each in errors} == case.denied
    assert {each["extensions"]["code"] for each in errors} <= {"ACCESS_DENIED"}
    assert all(each["extensions"]["missing"] and each["extensions"]["policies"] for each in errors)
    assert not asked & set(case.never)
    assert case.requests is None or requests == case.requests
