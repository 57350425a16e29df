"""What the person, property, missing and intelligence subgraphs publish: all of the dictionary, tagged; no PND."""

import pytest
from graphql import GraphQLNonNull, GraphQLObjectType

from authz.rules import rules_from_sdl
from schema.dictionary import fields_of
from subgraphs.intelligence import app as intelligence
from subgraphs.missing import app as missing
from subgraphs.person import app as person
from subgraphs.property import app as property_app
from subgraphs.service import Subgraph

TYPES: dict[str, tuple[Subgraph, tuple[str, ...]]] = {
    "person": (
        person,
        ("Person", "ArrestReport", "Offence", "DisposalResult", "CourtCase", "Remand", "WantedMissingReport"),
    ),
    "property": (property_app, ("PropertyItem", "PropertyReport", "FirearmCertificate")),
    "missing": (missing, ("MissingReport",)),
    "intelligence": (intelligence, ("IntelNominal", "IntelReport")),
}
ELSEWHERE = {"Person.intelNominals"}
OWNED = [(product, type_name) for product, (_app, names) in TYPES.items() for type_name in names]


def published(product: str, type_name: str) -> GraphQLObjectType:
    found = TYPES[product][0].schema.core.type_map[type_name]
    assert isinstance(found, GraphQLObjectType)
    return found


@pytest.mark.parametrize(("product", "type_name"), OWNED)
def test_every_field_of_the_dictionary_is_published(product: str, type_name: str):
    wanted = {tag.coordinate for tag in fields_of(type_name) if tag.area == "foundation"} - ELSEWHERE
    assert wanted
    assert wanted - {f"{type_name}.{name}" for name in published(product, type_name).fields} == set()


@pytest.mark.parametrize(("product", "type_name"), OWNED)
def test_every_field_has_the_dictionary_s_dataset_sensitivity_and_mask(product: str, type_name: str):
    rules = rules_from_sdl({product: TYPES[product][0].sdl}).fields
    for tag in fields_of(type_name):
        if tag.coordinate not in ELSEWHERE:
            rule = rules[tag.coordinate]
            assert (rule.datasets, rule.sensitivity, rule.mask) == ((tag.dataset,), tag.sensitivity, tag.mask)
            assert rule.internal or not tag.internal


@pytest.mark.parametrize(("product", "type_name"), OWNED)
def test_a_list_of_the_dictionary_is_a_list_or_a_connection(product: str, type_name: str):
    for tag in fields_of(type_name):
        if tag.coordinate not in ELSEWHERE and tag.gtype.startswith("["):
            shape = str(published(product, type_name).fields[tag.coordinate.partition(".")[2]].type)
            assert shape.startswith("[") or shape.endswith("Connection"), tag.coordinate


@pytest.mark.parametrize("product", TYPES)
def test_nothing_is_published_without_a_tag(product: str):
    assert rules_from_sdl({product: TYPES[product][0].sdl}).untagged == ()


@pytest.mark.parametrize("product", TYPES)
def test_only_keys_are_promised_to_be_there(product: str):
    rules = rules_from_sdl({product: TYPES[product][0].sdl})
    schema = TYPES[product][0].schema.core
    forced = {
        coordinate
        for coordinate, rule in rules.fields.items()
        if rule.datasets
        and isinstance(published_field(schema, coordinate), GraphQLNonNull)
        and not coordinate.startswith("Query.")
    }
    keys = {
        "Person.personId",
        "Driver.driverNumber",
        "KeeperRecord.keeperRecordId",
        "Vehicle.vehicleId",
        "PropertyItem.propertyId",
        "FirearmCertificate.certificateId",
        "MissingReport.missingId",
        "IntelNominal.intelNominalId",
        "IntelReport.intelReportId",
    }
    assert forced <= keys


def published_field(schema, coordinate: str):
    type_name, _dot, name = coordinate.partition(".")
    return schema.type_map[type_name].fields[name].type


@pytest.mark.parametrize("product", ["person", "property"])
def test_pnd_is_nowhere_outside_its_own_subgraph(product: str):
    rules = rules_from_sdl({product: TYPES[product][0].sdl})
    assert [rule.coordinate for rule in rules.fields.values() if any(d.startswith("PND") for d in rule.datasets)] == []


def test_the_register_holds_one_thing_of_pnd_by_the_dictionary():
    rules = rules_from_sdl({"missing": missing.sdl})
    pnd = [rule.coordinate for rule in rules.fields.values() if any(d.startswith("PND") for d in rule.datasets)]
    assert pnd == ["MissingReport.childProtection"]


def test_what_intelligence_adds_to_others_is_all_of_pnd():
    rules = rules_from_sdl({"intelligence": intelligence.sdl})
    added = {coordinate: rules.fields[coordinate] for coordinate in ADDED}
    assert {d for rule in added.values() for d in rule.datasets} == {"PND.NOM", "PND.INT"}
    assert {rule.sensitivity for rule in added.values()} == {"S4"}


ADDED = ("Person.intelNominals", "Vehicle.intelReports", "MissingReport.intelReports")
