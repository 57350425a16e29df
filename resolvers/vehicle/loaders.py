"""The loads of the vehicle product: which statement answers which key, and how lists are ordered."""

from resolvers.connections import Order
from resolvers.loading import Children, Lookup, Pages
from resolvers.vehicle import statements

VEHICLE = Lookup(statements.vehicles_by_id, "vehicle_id")
VEHICLE_BY_VRM = Lookup(statements.vehicles_by_vrm, "vrm")
VEHICLE_BY_VIN = Lookup(statements.vehicles_by_vin, "vin")
KEEPER = Lookup(statements.keepers_by_id, "keeper_record_id")
KEEPER_OF_VEHICLE = Lookup(statements.keepers_of_vehicles, "vehicle_id")
MOT = Lookup(statements.mot_of_vehicles, "vehicle_id")
FOREIGN_CHECK = Lookup(statements.foreign_checks_of_vehicles, "vehicle_id")
FOREIGN_CHECK_BY_PLATE = Lookup(statements.foreign_checks_of_plates, "plate")

MARKS = Children(statements.marks_of_vehicles, "vehicle_id")
HOTLIST = Children(statements.hotlist_of_vehicles, "vehicle_id")
POLICIES_TODAY = Children(statements.policies_near_today, "vehicle_id")
THEFT_REPORTS = Children(statements.theft_reports_of_vehicles, "vehicle_id")

POLICIES = Pages(statements.policies_of_vehicles, "vehicle_id", Order(("from_date", "mid_policy_id"), descending=True))
REPORTS = Pages(
    statements.reports_of_vehicles, "vehicle_id", Order(("created_at", "vehicle_report_id"), descending=True)
)
MOT_TESTS = Pages(statements.mot_tests_of_vehicles, "vehicle_id", Order(("test_date", "mot_test_id"), descending=True))
