"""What one request may load of the Person product: a constant is a kind of load, one statement for all keys."""

from resolvers.connections import Order
from resolvers.loading import Children, Lookup, Pages
from resolvers.person import statements

PERSON_ID = "person_id"

PERSON = Lookup(statements.people, PERSON_ID)
PERSON_BY_URN = Lookup(statements.people_by_urn, "person_urn")
PERSON_BY_CRO = Lookup(statements.people_by_cro, "cro_number")
PERSON_ID_BY_ASN = Lookup(statements.people_by_asn, "asn")
NAMES = Children(statements.names, PERSON_ID)
BIRTH_DATES = Children(statements.birth_dates, PERSON_ID)
IDENTIFIERS = Children(statements.identifiers, PERSON_ID)
CONTACTS = Children(statements.contacts, PERSON_ID)
POSTCODES = Children(statements.current_postcodes, PERSON_ID)
ADDRESSES = Pages(statements.addresses, PERSON_ID, Order(("since", "seq"), descending=True))
ASSOCIATIONS = Pages(statements.associations, PERSON_ID, Order(("since", "seq"), descending=True))

WARNINGS = Children(statements.warnings, PERSON_ID)
INFORMATION_MARKERS = Children(statements.information_markers, PERSON_ID)
BIOMETRICS = Lookup(statements.biometrics, PERSON_ID)

ARREST_REPORTS = Pages(statements.arrest_reports, PERSON_ID, Order(("process_stage_at", "report_id"), descending=True))
ARREST_REPORT = Lookup(statements.arrest_reports_by_id, "report_id")
OFFENCES = Pages(statements.offences, "report_id", Order(("place", "offence_id")))
REMANDS = Children(statements.remands, "report_id")
DISPOSALS = Children(statements.disposals, "offence_id")
COURT_CASES = Pages(statements.court_cases, PERSON_ID, Order(("since", "court_case_id"), descending=True))
OFFENCES_OF_CASES = Pages(statements.offences_of_cases, "in_case", Order(("place", "offence_id")))
ORDERS = Children(statements.orders, PERSON_ID)

NON_CONVICTIONS = Children(statements.non_convictions, PERSON_ID)
DISQUALIFICATIONS = Children(statements.disqualifications, PERSON_ID)
WANTED_MISSING = Pages(statements.wanted_missing, PERSON_ID, Order(("since", "report_id"), descending=True))
IMMIGRATION_MARKERS = Children(statements.immigration_markers, PERSON_ID)

RECORDED_DRIVERS = Children(statements.people_by_recorded_driver, "driver_number_recorded")
BY_NAME_AND_DATE = Children(statements.people_by_name_and_date, "candidate", paired=True)
BY_NAME_AND_POSTCODE = Children(statements.people_by_name_and_postcode, "candidate", paired=True)
