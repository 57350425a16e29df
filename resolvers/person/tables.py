"""Tables of the Person product: each holds one dataset's columns, so that reading one never reads another.

Rows of different datasets meet only through `person_id`; foreign keys stay within a dataset, because the database role
of one dataset cannot check another's rows.
"""

import sqlalchemy as sa

from resolvers.columns import (
    MATCH_NAME_LENGTH,
    MATCH_POSTCODE_LENGTH,
    address_columns,
    code,
    key,
    person_name_columns,
    record_columns,
    values,
)
from resolvers.tables import (
    court_columns,
    dataset_table,
    date,
    flag,
    instant,
    integer,
    name_use_columns,
    partial_date,
    sequence,
    text,
)

PRODUCT = "person"


def of_person(dataset_key: str | None = None) -> sa.Column:
    """The person a child row belongs to, as the first part of its key; `dataset_key` adds the foreign key."""
    constraint = (sa.ForeignKey(dataset_key),) if dataset_key else ()
    return sa.Column("person_id", sa.String(36), *constraint, primary_key=True)


person = dataset_table(
    "person",
    "PNC.NAMES.CORE",
    PRODUCT,
    key("person_id", primary=True),
    sa.Column("person_urn", sa.String(13), nullable=False, unique=True),
    sa.Column("cro_number", sa.String(12), unique=True),
    code("sex"),
    partial_date("date_of_birth", index=True),
    text("place_of_birth", 54),
    text("place_of_birth_folded", 56),  # names.padded([place_of_birth])
    values("nationalities"),  # [code]
    code("ethnicity_observed"),
    code("ethnicity_self_defined"),
    code("religion"),
    flag("deceased"),
    date("date_of_death"),
    integer("height_cm"),
    code("build"),
    code("eye_colour"),
    code("hair_colour"),
    code("facial_hair"),
    code("hair_type"),
    code("skin_colour"),
    code("complexion"),
    code("accent"),
    code("glasses"),
    code("handedness"),
    values("marks"),  # [{type, location, text}]
    values("occupations"),  # [code]
    values("skills"),  # [code]
    values("places_frequented"),  # [text]
    text("driver_number_recorded", 16, index=True),
    values("police_references"),  # [{force, type, reference}]
    text("other_details", 512),
    *record_columns(),
)

person_birth_date = dataset_table(
    "person_birth_date",  # alsoKnownBirthDates; the date of birth itself is on `person`
    "PNC.NAMES.CORE",
    PRODUCT,
    of_person("person.person_id"),
    sequence(),
    partial_date("value", nullable=False, index=True),
)

person_name = dataset_table(
    "person_name",  # exactly one row of type FILED for each person
    "PNC.NAMES.CORE",
    PRODUCT,
    of_person("person.person_id"),
    sequence(),
    *person_name_columns(),
    *name_use_columns(),
    text("last_key", 54, nullable=False),  # names.surname_key
    text("match_name", MATCH_NAME_LENGTH, nullable=False),  # names.match_name
    text("first_words", 120, nullable=False),  # names.padded(forenames)
    text("first_codes", 120, nullable=False),  # names.padded_codes(forenames)
)

person_name_word = dataset_table(
    "person_name_word",  # names.surname_words: what a surname can be found by
    "PNC.NAMES.CORE",
    PRODUCT,
    of_person("person.person_id"),
    sequence(),  # of the name
    sa.Column("word", sa.String(54), primary_key=True),
    text("code", 54, nullable=False),
    flag("whole", nullable=False),
    sa.Index(None, "word", "person_id"),
    sa.Index(None, "code", "person_id"),
)

person_address = dataset_table(
    "person_address",
    "PNC.NAMES.CORE",
    PRODUCT,
    of_person("person.person_id"),
    sequence(),
    *address_columns(),
    text("fs_code", 4),
    text("place_words", 300, nullable=False),  # names.place_words
    text("match_postcode", MATCH_POSTCODE_LENGTH, index=True),  # names.postcode_key
    text("premises_key", 80, index=True),  # names.premises_key
)

person_contact = dataset_table(
    "person_contact",
    "PNC.NAMES.CORE",
    PRODUCT,
    of_person("person.person_id"),
    sequence(),
    code("type", nullable=False),
    text("value", 254, nullable=False),
    text("value_key", 254, nullable=False, index=True),  # names.contact_key
    date("from_date"),
    date("to_date"),
)

person_identifier = dataset_table(
    "person_identifier",  # passports are the rows of type PASSPORT, otherIdentifiers the rest
    "PNC.NAMES.CORE",
    PRODUCT,
    of_person("person.person_id"),
    sequence(),
    code("type", nullable=False),
    text("value", 40, nullable=False),
    flag("valid", nullable=False),  # the check's verdict; wrong values are kept and flagged
    text("source", 40),
)

person_association = dataset_table(
    "person_association",  # made by people, never by a program
    "PNC.NAMES.CORE",
    PRODUCT,
    of_person("person.person_id"),
    sequence(),
    text("other_type", 40, nullable=False),  # "Person" or "Vehicle"
    text("other_key", 36, nullable=False, index=True),
    code("type", nullable=False),
    date("from_date"),
    date("last_seen"),
    sa.Column("confidence", sa.Float),  # 0..1
)

person_warning = dataset_table(
    "person_warning",
    "PNC.NAMES.WARN",
    PRODUCT,
    of_person(),
    sequence(),
    code("code", nullable=False),
    text("text", 200),
    text("source", 40),
    text("added_by", 4),
    date("added_on"),
)

person_information_marker = dataset_table(
    "person_information_marker",
    "PNC.NAMES.WARN",
    PRODUCT,
    of_person(),
    sequence(),
    code("code", nullable=False),
    text("added_by", 4),
    date("added_on"),
    date("until"),
)

person_biometric = dataset_table(
    "person_biometric",
    "PNC.NAMES.BIO",
    PRODUCT,
    of_person(),
    code("fingerprint_status"),
    code("dna_status"),
    values("photos"),  # [{location, takenOn, viewOnly}]
)

arrest_report = dataset_table(
    "arrest_report",
    "PNC.NAMES.CRIM",
    PRODUCT,
    key("report_id", primary=True),
    text("person_id", 36, nullable=False, index=True),
    sa.Column("asn", sa.String(24), nullable=False, unique=True),
    code("process_stage", nullable=False),
    instant("process_stage_at", nullable=False),
    code("arrest_title"),
    text("arrest_last", 54),
    values("arrest_first"),  # [forename]
    partial_date("arrest_date_of_birth"),
    values("arresting_officer"),  # {division, rank, number, surname}
    code("prosecuting_agent"),
    values("case_detail"),  # [line]
    *record_columns(),
)

offence = dataset_table(
    "offence",
    "PNC.NAMES.CRIM",
    PRODUCT,
    key("offence_id", primary=True),
    sa.Column("report_id", sa.String(36), sa.ForeignKey("arrest_report.report_id"), nullable=False, index=True),
    key("person_id"),
    integer("court_offence_sequence_number"),
    text("cjs_offence_code", 8, nullable=False),
    text("npcc_offence_code", 20),
    values("role_qualifiers"),  # [code]
    values("legislation_qualifiers"),  # [code]
    values("description"),  # [line]
    date("start_date", nullable=False),
    text("start_time", 5),  # HH:MM
    date("end_date"),
    text("end_time", 5),
    flag("committed_on_bail"),
    text("crime_reference", 15),
    values("location_lines"),
    text("location_postcode", 8),
    text("location_fs_code", 4),
    code("plea"),
    values("adjudications"),  # [{appearanceNumber, date, adjudication}]
    integer("offences_taken_into_consideration"),
    values("others_charged"),  # [{name, chargeGroup, checkName}]
    *record_columns(),
)

disposal = dataset_table(
    "disposal",
    "PNC.NAMES.CRIM",
    PRODUCT,
    key("disposal_id", primary=True),
    sa.Column("offence_id", sa.String(36), sa.ForeignKey("offence.offence_id"), nullable=False, index=True),
    key("person_id"),
    code("disposal_code", nullable=False),
    values("qualifiers"),  # [code], at most four
    code("duration_unit"),
    integer("duration_count"),
    sa.Column("fine_amount", sa.Numeric(12, 2)),
    text("fine_currency", 3),
    date("effective_date"),
    text("text", 64),
    *record_columns(),
)

court_case = dataset_table(
    "court_case",
    "PNC.NAMES.CRIM",
    PRODUCT,
    key("court_case_id", primary=True),
    text("person_id", 36, nullable=False, index=True),
    text("court_case_reference", 15, nullable=False, index=True),
    code("case_status_marker", nullable=False),
    *court_columns(),
    date("conviction_date"),
    values("defendant"),  # {kind, name, last, first}
    values("subsequent_appearances"),  # [{date, courtCode, courtName, reason}]
    *record_columns(),
)

court_case_offence = dataset_table(
    "court_case_offence",  # R13: a case may gather offences of several arrests
    "PNC.NAMES.CRIM",
    PRODUCT,
    sa.Column("court_case_id", sa.String(36), sa.ForeignKey("court_case.court_case_id"), primary_key=True),
    sa.Column("offence_id", sa.String(36), sa.ForeignKey("offence.offence_id"), primary_key=True, index=True),
)

remand = dataset_table(
    "remand",
    "PNC.NAMES.CRIM",
    PRODUCT,
    key("remand_id", primary=True),
    sa.Column("report_id", sa.String(36), sa.ForeignKey("arrest_report.report_id"), nullable=False, index=True),
    key("person_id"),
    code("appearance_result", nullable=False),
    date("appearance_date"),
    *court_columns(),  # of the current appearance
    date("next_date"),
    text("next_court_code", 4),
    text("next_court_name", 71),
    text("next_station", 4),
    values("bail_conditions"),  # [text of four lines of 50]
    values("bail_condition_types"),  # [code], one for each condition
    values("local_authority"),  # {name, secureUnit, socialWorker}
    *record_columns(),
)

court_order = dataset_table(
    "court_order",
    "PNC.NAMES.CRIM",
    PRODUCT,
    of_person(),
    sequence(),
    code("type", nullable=False),
    values("conditions"),  # [line]
    date("from_date"),
    date("to_date"),
    *court_columns(),
)

non_conviction = dataset_table(
    "non_conviction",
    "PNC.NAMES.NONCONV",
    PRODUCT,
    of_person(),
    sequence(),
    text("kind", 40, nullable=False),  # ACQUITTAL, NFA or DISCONTINUED
    date("date"),
    text("reason", 200),
)

pnc_disqualification = dataset_table(
    "pnc_disqualification",
    "PNC.NAMES.DD",
    PRODUCT,
    of_person(),
    sequence(),
    code("type"),
    date("from_date"),
    date("to_date"),
    *court_columns(),
)

wanted_missing_report = dataset_table(
    "wanted_missing_report",
    "PNC.NAMES.WM",
    PRODUCT,
    key("report_id", primary=True),
    text("person_id", 36, nullable=False, index=True),
    code("category", nullable=False),
    code("power"),
    text("offence_or_reason"),
    text("owner_contact", 40),  # the issuing station's phone
    instant("circulated_from"),
    date("review_due"),
    text("action_text"),
    *record_columns(),
)

immigration_marker = dataset_table(
    "immigration_marker",
    "HO.IMM",
    PRODUCT,
    of_person(),
    sequence(),
    code("marker", nullable=False),
    text("owner_fs", 4, nullable=False),  # 69xx
    text("reason", 200),
    date("added_on"),
)
