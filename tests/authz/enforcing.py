"""A small graph with every shape enforcement meets, and clearances that deny what a test names."""

import re

from graphql import DocumentNode, build_schema, parse, print_ast, validate

from authz.decision import Clearance, Decision, Form
from authz.enforce import Enforcement, enforce
from authz.rules import rules_from_sdl
from tests.authz.dictionary_graph import LINK

TYPES = """
type Query @dataset(id: "REF") {
  person(id: ID @reads(fields: ["Person.id"])): Person
  people(
    name: NameInput
    order: Order = NAME
    filters: [Filter!]
    first: Int @open
    secret: String
  ): PersonConnection
  records(order: Order): [Record]
  targets: [Target]
}
type Mutation @dataset(id: "REF") { add(name: NameInput): Person }
input NameInput {
  last: String @reads(fields: ["Person.name"])
  nino: String @reads(fields: ["Person.nino"])
  order: Order = DOB
  inner: NameInput
}
input Filter { dob: String @reads(fields: ["Person.dob"]) name: NameInput }
enum Order { NAME @open DOB @reads(fields: ["Person.dob"]) }
type PersonConnection @open(inherit: true) { edges: [PersonEdge] nodes: [Person] totalCount: Int }
type PersonEdge @open(inherit: true) { node: Person cursor: String }
interface Record { id: ID title: String author: Person related: [Record] }
type Report implements Record @dataset(id: "REF") {
  id: ID title: String author: Person related: [Record] state: String @dataset(id: "MID")
}
type Intel implements Record @dataset(id: "REF") { id: ID title: String author: Person related: [Report] text: String }
type Person implements Record @dataset(id: "REF") {
  id: ID title: String author: Person related: [Record] name: Name dob: String nino: String
  records(first: Int @open): [Record]
}
type Name @open(inherit: true) { last: String }
union Target = Report | Person
"""
RULES = rules_from_sdl({"one": LINK + TYPES})
SCHEMA = build_schema(re.sub(r" ?@(dataset|open|reads)\b(\([^)]*\))?", "", TYPES))
GOVERNED = tuple(sorted(name for name, rule in RULES.fields.items() if rule.datasets))
REFUSED = Decision(Form.DENY, ("P05",), "REF", ("a reason",), "the owner")


def clearance(*denied: str) -> Clearance:
    """Everything in full but what is named."""
    return Clearance("k", {name: REFUSED if name in denied else Decision(Form.FULL, ("P05",)) for name in RULES.fields})


def operation(text: str) -> DocumentNode:
    document = parse(text)
    assert validate(SCHEMA, document) == []
    return document


def enforced(
    text: str, *denied: str, name: str | None = None, variables: dict[str, object] | None = None
) -> Enforcement:
    """The enforcement of a valid operation; what is left of it is valid too."""
    found = enforce(operation(text), name, SCHEMA, clearance(*denied), RULES, variables)
    assert found.document is None or validate(SCHEMA, found.document) == []
    return found


def left(found: Enforcement) -> str | None:
    """What is left, on one line."""
    return found.document and re.sub(r"\s+", " ", print_ast(found.document))
