"""Records under control (entities 3.4): protected, restricted, high-profile, training-world, the officer's own
household, a victim, and the areas of two missing children. What is SILENT belongs to other forces."""

from collections.abc import Iterator

from leds.data.cast import identities as ids
from leds.data.cast.builder import CastRow, Named, Place, Stage
from resolvers.names import premises_key

_WARD = Place(("1 Cove Lane", "Anytown"), "XA4 1AA")
_MARSH = Place(("2 Cove Lane", "Anytown"), "XA4 2BB")
_STAR = Place(("3 Cove Lane", "Anytown"), "XA4 3DD")
_CLASSROOM = Place(("4 Cove Lane", "Anytown"), "XA4 4EE")
_OFFICERS_HOME = Place(("5 Cove Lane", "Anytown"), "XA4 5FF")
_NEW_NAME = Place(("6 Cove Lane", "Anytown"), "XA4 6GG")

# person, PNCID, name, home, kind and owner of the control
_PEOPLE = (
    (ids.PROTECTED_PERSON_ID, ids.PROTECTED_URN, Named("WARDROBE", ("Hazel",)), _WARD, "protected", "96"),
    (ids.RESTRICTED_PERSON_ID, ids.RESTRICTED_URN, Named("MARSHLAND", ("Rowan",)), _MARSH, "s47", "06"),
    (ids.HIGH_PROFILE_PERSON_ID, ids.HIGH_PROFILE_URN, Named("STARLIGHT", ("Clover",)), _STAR, "high_profile", "20"),
    (ids.TRAINING_PERSON_ID, ids.TRAINING_URN, Named("BLACKBOARD", ("Chalk",)), _CLASSROOM, "training", "39"),
    (ids.HOUSEHOLD_PERSON_ID, ids.HOUSEHOLD_URN, Named("TEAPOT", ("Bramble",)), _OFFICERS_HOME, None, None),
    (ids.RECOGNISED_PERSON_ID, ids.RECOGNISED_URN, Named("DAYBREAK", ("Juniper",)), _NEW_NAME, "grc", "96"),
)


def controlled(stage: Stage) -> Iterator[CastRow]:
    """Every row of the controlled records."""
    for person_id, urn, named, home, kind, owner in _PEOPLE:
        yield stage.person(person_id, urn, "1984-09-09", sex="F")
        yield from stage.names(person_id, [(named, "FILED")])
        yield stage.address(person_id, 0, home)
        warning = {"code": "ES", "source": "CUSTODY", "added_by": "20R1", "added_on": stage.day(-300)}
        yield "person_warning", {"person_id": person_id, "seq": 0} | warning
        if kind is not None:
            yield _control(stage, "Person", person_id, kind, owner)
    yield _control(stage, "Person", ids.VICTIM_PERSON_ID, "victim_witness", "20")
    yield _control(stage, "MissingReport", ids.MISSING_CHILD_ID, "own_area", "20", area="WM")
    yield _control(stage, "MissingReport", ids.MISSING_OTHER_AREA_ID, "own_area", "96", area="SC")
    home_of_officer = premises_key(_OFFICERS_HOME.lines, _OFFICERS_HOME.postcode)
    yield "hr_household", {"user_id": ids.OFFICER_USER, "premises_key": home_of_officer}
    marker = {"marker": "ABSCONDER", "owner_fs": "69GA", "reason": "Failed to report.", "added_on": stage.day(-60)}
    yield "immigration_marker", {"person_id": ids.WANTED_PERSON_ID, "seq": 0} | marker


def _control(stage: Stage, subject_type: str, key: str, kind: str, owner: str | None, **other: object) -> CastRow:
    row = {"subject_type": subject_type, "subject_key": key, "kind": kind, "owner": owner}
    return "record_control", row | {"area": None, "from_date": stage.day(-365), "to_date": None} | other
