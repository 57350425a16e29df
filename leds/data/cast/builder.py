"""Rows of cast records as mappings of columns; what a story does not care about has a plain default here."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from resolvers.names import match_name, name_search_columns, place_words, postcode_key, premises_key, surname_words

CastRow = tuple[str, Mapping[str, object]]
OWNER = "20R1"


@dataclass(frozen=True, slots=True)
class Named:
    """A name as every product writes it in its own columns."""

    last: str
    first: tuple[str, ...]
    title: str | None = None

    @property
    def columns(self) -> dict[str, object]:
        """The PersonName columns."""
        return {"title": self.title, "last_name": self.last, "first_names": list(self.first)}

    @property
    def match(self) -> str:
        """The folded name that matches compare."""
        return match_name(self.last, self.first)


@dataclass(frozen=True, slots=True)
class Place:
    """A British address with a never-issued postcode."""

    lines: tuple[str, ...]
    postcode: str

    def columns(self, since: date | None = None, until: date | None = None) -> dict[str, object]:
        """The Address columns."""
        return {
            "address_lines": list(self.lines),
            "address_postcode": self.postcode,
            "address_country": "GB",
            "address_from": since,
            "address_to": until,
        }


HOME = Place(("12 Lantern Street", "Anytown"), "XA1 1AA")
YARD = Place(("Unit 3", "Quayside Road", "Anytown"), "XA1 2BB")
ELSEWHERE = Place(("7 Beacon Lane", "Ribbonford"), "QB2 3DE")


class Stage:
    """Builds rows relative to one `as_of` day."""

    def __init__(self, as_of: date) -> None:
        self.today = as_of

    def day(self, days: int) -> date:
        """The day `days` after today (before, when negative)."""
        return self.today + timedelta(days=days)

    def instant(self, days: int, hour: int = 9) -> datetime:
        """An hour, UTC, of the day `days` after today."""
        return datetime.combine(self.day(days), time(hour), UTC)

    def record(self, days: int, owner: str = OWNER, review: date | None = None) -> dict[str, object]:
        """The record columns of something entered `-days` days ago."""
        entered = self.instant(min(days, 0))
        return {
            "owner_fs": owner,
            "version": 1,
            "created_at": entered,
            "updated_at": entered,
            "as_of": self.instant(0, 6),
            "lag_seconds": 0,
            "review_date": review,
        }

    def vehicle(self, vehicle_id: str, vrm: str, vin: str | None, **other: object) -> CastRow:
        """A blue taxed 2019 Ford Focus unless told otherwise."""
        row: dict[str, object] = {
            "vehicle_id": vehicle_id,
            "vrm": vrm,
            "vin": vin,
            "make": "FORD",
            "model": "FOCUS",
            "colour": "BLU",
            "body_type": "HAT5",
            "wheelplan": "2AR",
            "fuel_type": "PET",
            "engine_capacity": 1596,
            "year_of_manufacture": 2019,
            "month_of_first_registration": "2019-03",
            "co2_emissions": 118,
            "euro_status": "EURO 6",
            "type_approval": "M1",
            "tax_status": "TAXED",
            "tax_due_date": self.day(150),
            "mot_status": "VALID",
            "date_of_last_v5c_issued": self.day(-900),
            "marked_for_export": False,
        }
        return "vehicle", row | other | self.record(-900, "94DD")

    def keeper(self, key: str, vehicle_id: str, who: Named, where: Place, **other: object) -> CastRow:
        """A current individual keeper."""
        row = {
            "keeper_record_id": key,
            "vehicle_id": vehicle_id,
            "keeper_type": "INDIVIDUAL",
            "status": "CURRENT",
            **who.columns,
            **where.columns(self.day(-900)),
            "since_date": self.day(-900),
            "previous_keeper_count": 0,
            "match_name": who.match,
            "match_postcode": postcode_key(where.postcode),
        }
        return "keeper_record", row | other | self.record(-900, "94DD")

    def organisation_keeper(self, key: str, vehicle_id: str, name: str, kind: str, fleet: str | None) -> CastRow:
        """A keeper that is no person: nothing to match."""
        row = {
            "keeper_record_id": key,
            "vehicle_id": vehicle_id,
            "keeper_type": kind,
            "status": "CURRENT",
            "organisation_name": name,
            **YARD.columns(self.day(-400)),
            "fleet_number": fleet,
            "since_date": self.day(-400),
            "previous_keeper_count": 0,
        }
        return "keeper_record", row | self.record(-400, "94DD")

    def policy(self, key: str, vehicle_id: str, drivers: Sequence[str], **other: object) -> CastRow:
        """An active comprehensive policy that names its drivers."""
        row = {
            "mid_policy_id": key,
            "vehicle_id": vehicle_id,
            "insurer": "Umbrella Specimen Insurance",
            "policy_number": f"CAST-{key[-6:]}",
            "from_date": self.day(-100),
            "to_date": self.day(264),
            "cover": "COMP",
            "permitted_drivers": [{"value": driver, "from": None, "to": None} for driver in drivers],
            "state": "ACTIVE",
        }
        return "insurance_policy", row | other | self.record(-100, "MIB0")

    def mot(self, vehicle_id: str, tests: Sequence[tuple[str, int, str, int]]) -> Iterator[CastRow]:
        """The MOT state and tests: key, days, result and mileage of each, newest first."""
        expiry = {"vehicle_id": vehicle_id, "mot_expiry_date": self.day(tests[0][1] + 365)}
        yield "vehicle_mot", expiry | self.record(tests[0][1], "DVSA")
        for key, days, result, mileage in tests:
            row = {"mot_test_id": key, "vehicle_id": vehicle_id, "test_date": self.day(days), "result": result}
            items = None if result == "PASS" else ["Brake disc worn"]
            yield "vehicle_mot_test", row | {"mileage": mileage, "items": items}

    def report(self, key: str, vehicle_id: str, kind: str, days: int, **other: object) -> CastRow:
        """A confirmed police report entered `-days` days ago, weeded six years after."""
        row = {
            "vehicle_report_id": key,
            "vehicle_id": vehicle_id,
            "type": kind,
            "state": "CONFIRMED",
            "weed_date": self.day(days + 2192),
            "crime_reference": "20/12345/26",
            "circumstances": "Synthetic report.",
            "warning": None,
            "dvla_notified": False,
        }
        return "vehicle_report", row | self.record(days, review=self.day(days + 365)) | other

    def driver(self, number: str, who: Named, born: date, where: Place, **other: object) -> CastRow:
        """A current full licence."""
        row = {
            "driver_number": number,
            **who.columns,
            "date_of_birth": born,
            **where.columns(self.day(-900)),
            "place_of_birth": "Anytown",
            "licence_type": "FULL",
            "licence_status": "CUR",
            "approved_instructor": False,
            "military": False,
            "driver_redirect": False,
            "token_issue": "12",
            "token_from": self.day(-900),
            "token_to": self.day(2750),
            "match_name": who.match,
            "match_postcode": postcode_key(where.postcode),
        }
        return "driver", row | other | self.record(-900, "94DD")

    def entitlement(self, key: str, number: str, category: str, restrictions: Sequence[str] = ()) -> CastRow:
        """A category held for fifteen years and twenty more."""
        row = {
            "entitlement_id": key,
            "driver_number": number,
            "category": category,
            "from_date": self.day(-5475),
            "expiry_date": self.day(7300),
            "restrictions": list(restrictions) or None,
            "automatic_only": "78" in restrictions,
            "from_non_gb": False,
        }
        return "driver_entitlement", row | self.record(-5475, "94DD")

    def endorsement(self, key: str, number: str, days: int, points: int = 3, code: str = "SP30") -> CastRow:
        """Points for an offence `-days` days ago; they count for four years."""
        row = {
            "endorsement_id": key,
            "driver_number": number,
            "offence_code": code,
            "offence_date": self.day(days),
            "conviction_date": self.day(min(days + 40, 0)),
            "expires_on": self.day(days + 1461),
            "penalty_points": points,
            "fine_amount": "100.00",
            "fine_currency": "GBP",
            "disqualification_for_life": False,
            "sentencing_court": "0401",
            "rehabilitation_course": False,
        }
        return "driver_endorsement", row | self.record(days, "94DD")

    def person(self, person_id: str, urn: str, born: str, **other: object) -> CastRow:
        """A nominal with an ordinary description."""
        row: dict[str, object] = {
            "person_id": person_id,
            "person_urn": urn,
            "sex": "M",
            "date_of_birth": born,
            "place_of_birth": "Anytown",
            "place_of_birth_folded": " ANYTOWN ",
            "nationalities": ["GBR"],
            "ethnicity_observed": "1",
            "ethnicity_self_defined": "W1",
            "deceased": False,
            "height_cm": 178,
            "build": "MED",
            "eye_colour": "BRN",
            "hair_colour": "BLK",
            "glasses": "N",
            "handedness": "R",
        }
        return "person", row | other | self.record(-800)

    def names(self, person_id: str, names: Sequence[tuple[Named, str]]) -> Iterator[CastRow]:
        """The names of a nominal with their types and search columns; the first is the filed one."""
        for seq, (named, kind) in enumerate(names):
            search = name_search_columns(named.last, named.first)
            yield "person_name", {"person_id": person_id, "seq": seq, **named.columns, "type": kind, **search}
            for word in surname_words(named.last):
                yield (
                    "person_name_word",
                    {"person_id": person_id, "seq": seq, "word": word.word, "code": word.code, "whole": word.whole},
                )

    def address(self, person_id: str, seq: int, where: Place, status: str = "M", days: int = -900) -> CastRow:
        """An address of a nominal with its search columns."""
        row = {
            **{"person_id": person_id, "seq": seq, **where.columns(self.day(days))},
            **{"address_usage": "HOME", "address_status": status, "fs_code": OWNER},
            "place_words": place_words(where.lines, where.postcode),
            "match_postcode": postcode_key(where.postcode),
            "premises_key": premises_key(where.lines, where.postcode),
        }
        return "person_address", row
