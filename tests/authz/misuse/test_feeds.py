"""Feeds as docs/feeds.md has them are read; whatever else is refused by line and column, without a value of it."""

import pytest

from authz.errors import InvalidMisuseFeed, InvalidMisuseRules
from authz.misuse.feeds import Feeds
from authz.misuse.roster import Duty, Place
from authz.misuse.rule_book import packaged_rules, rules_from_csv
from schema.reference_lists import reference_catalogue
from tests.authz.misuse.asking import ORGANISATION, ROSTER, START, USER, feeds, hashed, table

DUTY = ROSTER[2]


def duty(**changed: str) -> str:
    """A roster of one row, with some cells changed."""
    names = ("organisation", "user", "name", "start", "end", "state", "areas", "latitude", "longitude", "radius_km")
    cells = dict(zip(names, DUTY, strict=True)) | changed
    return table("duty_roster", [tuple(cells.values())])


def test_a_roster_is_read_with_its_places_and_areas():
    roster = feeds(duty_roster=ROSTER).duty_roster
    assert roster is not None
    (found,) = roster.duties[ORGANISATION, "u-20-1"]
    assert (found.place, found.on_duty, found.areas) == (Place(52.48, -1.89, 10), True, ())
    assert [each.on_duty for each in roster.duties[ORGANISATION, USER]] == [True, False]


def test_lines_may_end_as_a_spreadsheet_ends_them_and_cells_may_be_quoted():
    text = f'organisation,user,household\r\n"ORG-20",u-1,{hashed("home")}\r\n'
    assert Feeds().with_file("hr_household", text).hr_household == {("ORG-20", "u-1"): {hashed("home")}}


WRONG: dict[str, tuple[str, str, list[str]]] = {
    "no header": ("duty_roster", "", ["line 1: the columns must be organisation,user,name"]),
    "another header": (
        "hr_household",
        "organisation,user\n",
        ["line 1: the columns must be organisation,user,household"],
    ),
    "a cell too few": ("hr_household", "organisation,user,household\nORG-20,u-1\n", ["line 2: must have 3 cells"]),
    "a quote that never ends": ("hr_household", 'organisation,user,household\nORG-20,"u-1\n', ["line 2: is not CSV"]),
    "no user": ("duty_roster", duty(user=""), ["line 2: `user` must not be empty"]),
    "no organisation": ("duty_roster", duty(organisation=" "), ["line 2: `organisation` must not be empty"]),
    "a time without its offset": (
        "duty_roster",
        duty(start="2026-02-02T08:00"),
        ["line 2: `from` must be an ISO 8601"],
    ),
    "no time": ("duty_roster", duty(end="later"), ["line 2: `to` must be an ISO 8601"]),
    "an end before the start": ("duty_roster", duty(end=DUTY[3]), ["line 2: `to` must be later"]),
    "another state": ("duty_roster", duty(state="SICK"), ["line 2: `state` must be one of ON_DUTY, LEAVE"]),
    "half a place": (
        "duty_roster",
        duty(longitude="", radius_km="x"),
        ["line 2: `longitude` must be a number from -180", "line 2: `radius_km` must be a number from 0"],
    ),
    "a latitude beyond the pole": ("duty_roster", duty(latitude="91"), ["line 2: `latitude` must be a number"]),
    "no number": ("duty_roster", duty(latitude="nan"), ["line 2: `latitude` must be a number"]),
    "a plain address": (
        "hr_household",
        table("hr_household", [("ORG-20", "u-1", "1 High Street")]),
        ["line 2: `household` must be a keyed hash"],
    ),
    "another relation": (
        "colleagues",
        table("colleagues", [("ORG-20", "u-1", "FRIEND", hashed("x"))]),
        ["line 2: `relation` must be one of OWN_RECORD"],
    ),
    "a plain registration": (
        "colleagues",
        table("colleagues", [("ORG-20", "u-1", "OWN_VEHICLE", "AB12CDE")]),
        ["line 2: `subject` must be a keyed hash"],
    ),
    "a hash with more after it": (
        "colleagues",
        table("colleagues", [("ORG-20", "u-1", "OWN_VEHICLE", hashed("x") + "0")]),
        ["line 2: `subject` must be a keyed hash"],
    ),
    "a contact with half a user": (
        "contact_events",
        table("contact_events", [("2026-02-02T08:00Z", hashed("x"), "", "u-1")]),
        ["line 2: `organisation` must not be empty"],
    ),
    "two lines": (
        "hr_household",
        table("hr_household", [("", "u-1", hashed("x")), ("ORG-20", "u-1", hashed("x")), ("ORG-20", "", "secret")]),
        ["line 2: `organisation`", "line 4: `user`", "line 4: `household`"],
    ),
}


@pytest.mark.parametrize(("name", "text", "problems"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_named_by_line_and_column(name: str, text: str, problems: list[str]):
    with pytest.raises(InvalidMisuseFeed) as caught:
        Feeds().with_file(name, text)
    found = caught.value.details["problems"]
    assert len(found) == len(problems)
    assert all(each.startswith(start) for each, start in zip(found, problems, strict=True))
    assert not [
        value for value in ("secret", "High Street", "AB12CDE", "SICK", "later than yesterday") if value in str(found)
    ]


@pytest.mark.parametrize(
    ("stated", "away"),
    [
        ("52.48,-1.89", False),
        ("52.5699, -1.89", False),  # 9.997 km north
        ("52.5700, -1.89", True),  # 10.008 km north
        ("51.5, -0.12", True),
        ("QB6", None),
    ],
)
def test_coordinates_are_away_beyond_the_radius(stated: str, away: bool | None):
    place = Place(52.48, -1.89, 10)
    assert Duty((ORGANISATION, USER), "", START, START, True, (), place).is_away(stated) is away


def test_rules_are_read_from_data_with_their_version():
    text = "code,version,label,feeds,thresholds,scope\nMU03,7,x,,looks=2;days=1.5,reasons=1|2\n"
    (found,) = rules_from_csv(text)
    assert (found.version, found.thresholds, found.scope) == (7, {"looks": 2, "days": 1.5}, {"reasons": ("1", "2")})


HEADER = "code,version,label,feeds,thresholds,scope\n"


@pytest.mark.parametrize(
    "text",
    [
        "code,version\nMU03,1\n",
        HEADER + "MU03,one,x,,,\n",
        HEADER + "MU03,1,x,,looks,\n",
        HEADER + "MU03,1,x,,looks=many,\n",
        HEADER + "MU03,1,x,horoscope,,\n",
        HEADER + "MU03,1,x,,,\nMU03,2,x,,,\n",
    ],
)
def test_a_table_of_rules_that_makes_no_sense_is_refused(text: str):
    with pytest.raises(InvalidMisuseRules):
        rules_from_csv(text)


def test_there_is_a_rule_for_each_code_of_the_list():
    listed = reference_catalogue().values("misuse_rules")
    assert [rule.code for rule in packaged_rules()] == [value.code for value in listed]
