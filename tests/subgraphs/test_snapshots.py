"""The published schemas are tagged throughout, compose, and serve what the field dictionary names."""

import pytest

from authz.rules import rules_from_sdl
from gateway.composition.compose import compose
from gateway.composition.definition import SubgraphDefinition
from gateway.composition.supergraph import supergraph_from_sdl
from schema.dictionary import fields_of
from subgraphs import drivers, vehicle
from subgraphs.snapshots import printed_schemas


def test_the_products_together_leave_no_coordinate_untagged_and_name_none_that_is_not_there():
    rules = rules_from_sdl(printed_schemas())
    assert rules.untagged == ()
    assert rules.dangling == ()


def test_the_products_compose_into_one_graph():
    served = printed_schemas()
    definitions = [SubgraphDefinition(name, f"http://{name}.test/graphql", sdl) for name, sdl in served.items()]
    api = supergraph_from_sdl(compose(definitions).supergraph_sdl).api_schema
    assert {"verdicts", "keeper", "linkedProperty", "intelReports"} <= api.type_map["Vehicle"].fields.keys()
    assert "verdictInputs" not in api.type_map["Vehicle"].fields
    assert "matchName" not in api.type_map["KeeperRecord"].fields


VEHICLE_TYPES = (
    "Vehicle",
    "KeeperRecord",
    "VehicleReport",
    "VehicleFraudCheck",
    "ForeignVehicleCheck",
    "InsurancePolicy",
)
DRIVER_TYPES = ("Driver", "Entitlement", "Endorsement")


@pytest.mark.parametrize(
    ("product", "type_name"),
    [*((vehicle, name) for name in VEHICLE_TYPES), *((drivers, name) for name in DRIVER_TYPES)],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_foundation_field_of_the_dictionary_is_served(product, type_name):
    wanted = {tag.coordinate.split(".")[1] for tag in fields_of(type_name) if tag.area == "foundation"}
    served = product.app.schema.core.type_map[type_name].fields
    assert wanted
    assert wanted <= served.keys()
