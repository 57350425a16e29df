"""An inspection in; one HTML page out that needs nothing else and prints on A4. Escapes all that it is given."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from html import escape

from authz.audit.inspection import Inspection
from authz.audit.leaf import Outcome
from authz.audit.peers import OUTLYING, SMALLEST_GROUP, Peers
from leds.inspection_html import HOURS, STYLE, WEEKDAYS, Column, bars, columns, facts, figures, heat, strip, table
from schema.reference_lists import reference_catalogue

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_PEERS = (
    ("Role", Column.TEXT),
    ("Operators", Column.NUMBER),
    ("Median requests", Column.NUMBER),
    ("Median records", Column.NUMBER),
    ("Outliers", Column.NUMBER),
)
_OUTLIERS = (
    ("Operator", Column.CODE),
    ("Organisation", Column.TEXT),
    ("Role", Column.TEXT),
    ("Requests", Column.NUMBER),
    ("Score", Column.NUMBER),
    ("Records", Column.NUMBER),
    ("Score of records", Column.NUMBER),
)
_REPEATED = (
    ("Operator", Column.CODE),
    ("Organisation", Column.TEXT),
    ("Subject", Column.TEXT),
    ("Label", Column.CODE),
    ("Requests", Column.NUMBER),
    ("Newest", Column.CODE),
)


@dataclass(frozen=True, slots=True)
class Titled:
    """What a report is of: the organisation (None: all) and the period; when it was made, in which zone times are
    given, who approved it and who receives it."""

    organisation: str | None
    start: datetime | None
    end: datetime | None
    at: datetime
    zone: tzinfo
    approved_by: str
    to_whom: str


def page(found: Inspection, titled: Titled) -> str:
    """The whole page."""
    organisations = _labels("organisations")
    title = (
        f"Inspection of use: {organisations.get(titled.organisation or '', titled.organisation or 'all organisations')}"
    )
    sections = "".join(
        (
            _why(found),
            _who(found, organisations),
            _when(found, titled.zone),
            _refused(found),
            _peers(found, organisations),
            _repeated(found, organisations),
            _evidence(found),
        )
    )
    return (
        f'<!doctype html>\n<html lang="en-GB"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"><style>{STYLE}</style></head>'
        f"<body>{_header(found, titled, title, organisations)}<main>{sections}</main></body></html>\n"
    )


def _header(found: Inspection, titled: Titled, title: str, organisations: Mapping[str, str]) -> str:
    worlds = f'<p class="notice">{escape(", ".join(found.worlds))}: invented data.</p>' if found.worlds else ""
    said = facts(
        (
            ("Period", _period(titled)),
            ("Made", _moment(titled.at, titled.zone)),
            ("For", _both(titled.to_whom, organisations)),
            ("Approved by", titled.approved_by),
        )
    )
    counted = figures(
        (
            ("requests", found.requests),
            ("records shown", found.records),
            ("operators", found.operators),
            ("organisations", len([code for code in found.organisations if code])),
            ("refused as a whole", found.outcomes.get(Outcome.REFUSED, 0)),
            ("answered in part", found.outcomes.get(Outcome.PARTIAL, 0)),
        )
    )
    return (
        f"<header><h1>{escape(title)}</h1>{worlds}{said}{counted}"
        '<p class="quiet">Counted from the disclosure ledger. An operator who stands out has not done wrong by that: '
        "each is to be looked at by a person, who may find a good reason.</p></header>"
    )


def _why(found: Inspection) -> str:
    return (
        '<section><h2>Why it was used</h2><div class="beside">'
        + bars("Requests by reason", "Reason", found.reasons, _labels("reason_codes"))
        + bars("Requests by lawful purpose", "Purpose", found.purposes, _labels("lawful_purposes"))
        + "</div></section>"
    )


def _who(found: Inspection, organisations: Mapping[str, str]) -> str:
    counted = bars("Requests by organisation", "Organisation", found.organisations, organisations)
    return f"<section><h2>Who used it</h2>{counted}</section>"


def _when(found: Inspection, zone: tzinfo) -> str:
    by_hour = [sum(found.hours.get((day, hour), 0) for day in range(len(WEEKDAYS))) for hour in HOURS]
    return (
        f'<section><h2>When it was used</h2><p class="quiet">Times are {escape(str(zone))}.</p>'
        + columns("Requests by hour of the day; the table below has the numbers", by_hour)
        + heat("Requests by hour and weekday", found.hours)
        + "</section>"
    )


def _refused(found: Inspection) -> str:
    return (
        '<section><h2>What was refused</h2><p class="quiet">What policies refused or lowered within answers, and '
        "requests that were refused as a whole. Silences are sealed in the ledger and not in this report.</p>"
        '<div class="beside">'
        + bars("Fields refused or lowered, by policy", "Policy", found.refusing, {})
        + bars("Requests refused, by code", "Code", found.refused_by, {})
        + "</div></section>"
    )


def _peers(found: Inspection, organisations: Mapping[str, str]) -> str:
    roles = _labels("user_roles")
    compared = table("Operators by role", _PEERS, [_group(peers, roles) for peers in found.peers])
    outlying = [
        (
            each.operator,
            _both(each.organisation, organisations),
            peers.role,
            f"{each.requests:,}",
            f"{each.requests_score:.1f}",
            f"{each.records:,}",
            f"{each.records_score:.1f}",
        )
        for peers in found.peers
        for each in peers.outliers
    ]
    outliers = table("Outliers", _OUTLIERS, outlying) if outlying else "<p><strong>Outliers</strong>: none.</p>"
    return (
        '<section><h2>Operators against their peers</h2><p class="quiet">Operators are compared with those who hold '
        f"the same role. An outlier has a modified z-score (from median and MAD) of {OUTLYING} or more, by requests or "
        f"by records shown. Roles with fewer than {SMALLEST_GROUP} operators are withheld.</p>"
        f"{compared}{_strips(found, roles)}{outliers}</section>"
    )


def _repeated(found: Inspection, organisations: Mapping[str, str]) -> str:
    rows = [
        (
            each.operator,
            _both(each.organisation, organisations),
            each.type,
            each.label,
            f"{each.requests:,}",
            each.newest,
        )
        for each in found.repeated
    ]
    again = table("By operator and subject", _REPEATED, rows) if rows else "<p><strong>Subjects</strong>: none.</p>"
    return (
        '<section><h2>Subjects looked at again and again</h2><p class="quiet">By one operator, in three requests or '
        "more. Labels stand for subjects in this report only; the newest request's id leads to the ledger's entry.</p>"
        f"{again}</section>"
    )


def _evidence(found: Inspection) -> str:
    notes = "".join(f"<pre>{escape(note)}</pre>" for note in found.checkpoints)
    return (
        '<section><h2>What this rests on</h2><p class="quiet">The signed checkpoints of the ledger\'s logs when this '
        f"was made; with them it can be shown later that nothing counted here was changed.</p>{notes}</section>"
    )


def _strips(found: Inspection, roles: Mapping[str, str]) -> str:
    """The requests of each role's operators who stand beside an outlier."""
    return "".join(
        f"<h3>Requests of each operator: {escape(_both(peers.role, roles))}</h3>"
        + strip(
            f"One dot for each operator by requests; beyond the broken line, at {peers.limit:,.0f}, are outliers",
            peers.requests,
            peers.median_requests,
            peers.limit,
        )
        for peers in found.peers
        if peers.outliers
    )


def _group(peers: Peers, roles: Mapping[str, str]) -> tuple[str, ...]:
    role = _both(peers.role, roles)
    if peers.withheld:
        return (role, f"fewer than {SMALLEST_GROUP}", "withheld", "withheld", "withheld")
    numbers = (peers.median_requests, peers.median_records)
    return (role, f"{peers.operators:,}", *(f"{number:,g}" for number in numbers), str(len(peers.outliers)))


def _both(code: str, labels: Mapping[str, str]) -> str:
    return f"{code} · {labels[code]}" if code in labels else code or "not known"


def _labels(name: str) -> dict[str, str]:
    return {value.code: value.label or value.code for value in reference_catalogue().values(name)}


def _period(titled: Titled) -> str:
    if titled.start is None and titled.end is None:
        return "all that the ledger holds"
    start = f"from {_moment(titled.start, titled.zone)}" if titled.start else "from the beginning"
    end = f"before {_moment(titled.end, titled.zone)}" if titled.end else "to the end"
    return f"{start}, {end}"


def _moment(moment: datetime, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%d %B %Y, %H:%M}"
