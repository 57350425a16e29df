"""Tags of the field dictionary and of the datasets it names."""

import pytest

from schema.datasets import Sensitivity, datasets, effective_sensitivity, sensitivity_labels
from schema.dictionary import UntaggedCoordinate, field_dictionary, fields_of, tag


def test_a_coordinate_answers_its_dataset_sensitivity_and_mask():
    vrm = tag("Vehicle.vrm")
    assert (vrm.dataset, vrm.sensitivity, vrm.mask, vrm.internal) == ("DVLA.VEH", "S1", "LAST4", False)
    assert tag("Vehicle.vehicleId").internal
    assert tag("Vehicle.make").mask is None


def test_a_coordinate_without_tags_is_an_error_and_not_a_guess():
    with pytest.raises(UntaggedCoordinate):
        tag("Vehicle.secret")


def test_every_field_names_a_dataset_and_a_level_that_exist():
    for found in field_dictionary().values():
        assert effective_sensitivity(found.dataset, found.sensitivity) >= Sensitivity[found.sensitivity]
        assert found.area in {"foundation", "access", "ledger", "later"}


def test_a_dataset_raises_its_fields_to_its_floor():
    assert effective_sensitivity("PND.INT", "S1") is Sensitivity.S4
    assert effective_sensitivity("DVLA.VEH", "S0") is Sensitivity.S0


def test_sealed_datasets_answer_silently_and_the_rest_say_so():
    silent = {dataset.id for dataset in datasets().values() if dataset.refusal == "SILENT"}
    assert silent == {"PNC.VEH.BLOCK", "PND.NOM", "PND.INT", "PND.CUST", "PND.CP", "PND.DA", "CTRL"}
    assert set(sensitivity_labels()) == set(Sensitivity)


def test_the_fields_of_a_type_come_in_dictionary_order():
    assert [found.coordinate for found in fields_of("VehicleFraudCheck")] == [
        "VehicleFraudCheck.stolenCheck",
        "VehicleFraudCheck.asOf",
        "VehicleFraudCheck.vinMatchesVrm",
    ]
    assert fields_of("Nothing") == ()
