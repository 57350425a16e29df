"""The report: one page that needs nothing else, escapes all that it is given and has a table of every chart."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest

from authz.audit.inspection import Inspection, Repeated
from authz.audit.peers import Outlier, Peers
from leds.inspection_page import Titled, page

LONDON = ZoneInfo("Europe/London")
TITLED = Titled(None, None, None, datetime(2026, 7, 1, 12, tzinfo=UTC), LONDON, "DCI Example", "ORG-20")
OUTLIER = Outlier("u-1", "ORG-20", 90, 47.2, 300, 12.34)
FOUND = Inspection(
    checkpoints=("leds.test/ledger\n7\n<root>\n",),
    worlds=("SYNTHETIC",),
    requests=1234,
    records=5678,
    reasons={"1": 1000, "6": 200, "": 34},
    purposes={"PP1": 1234},
    organisations={"ORG-20": 1200, "": 34},
    hours={(0, 9): 12, (6, 23): 3},
    outcomes={"OK": 1000, "PARTIAL": 200, "REFUSED": 34},
    refusing={"P06": 40},
    refused_by={"CONTEXT_INCOMPLETE": 34},
    operators=12,
    peers=(
        Peers("control_room", True, 0, 0.0, 0.0, (), 0.0, ()),
        Peers("mobile_officer", False, 9, 20.0, 31.5, (18, 20, 90), 25.2, (OUTLIER,)),
    ),
    repeated=(Repeated("u-1", "ORG-20", "Person", "0123456789ab", 27, "01KGE3HADD00000000000001DD"),),
)
VOID = {"meta", "rect", "line", "circle"}


class Elements(HTMLParser):
    """The elements of a page, which must be well nested, and their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def named(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of each element of this name."""
        return [attributes for name, attributes in self.seen if name == tag]


def text_of(markup: str) -> str:
    """The page as it is read."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", markup.partition("</style>")[2]))


def test_the_page_is_well_formed_and_loads_and_runs_nothing():
    elements = Elements(page(FOUND, TITLED))
    names = {name for name, _ in elements.seen}
    assert names.isdisjoint({"script", "link", "img", "iframe", "object", "a", "form"})
    assert all({"src", "href", "style" if name != "text" else ""}.isdisjoint(found) for name, found in elements.seen)
    assert not [key for _, found in elements.seen for key in found if key.startswith("on")]
    assert "url(" not in page(FOUND, TITLED)
    policy = next(found for found in elements.named("meta") if "http-equiv" in found)
    assert policy["content"] == "default-src 'none'; style-src 'unsafe-inline'"


def test_the_page_says_its_language_and_has_headings_captions_and_heads_of_columns():
    elements = Elements(page(FOUND, TITLED))
    assert elements.named("html") == [{"lang": "en-GB"}]
    assert len(elements.named("h1")) == 1
    assert len(elements.named("h2")) == 7
    assert len(elements.named("caption")) == len(elements.named("table"))
    assert all(found.get("scope") in ("col", "row") for found in elements.named("th"))
    assert all(found.get("aria-label") or found.get("aria-hidden") for found in elements.named("svg"))


@pytest.mark.parametrize(
    "said",
    [
        "1 · Vehicle and/or person stopped (street check) 1,000 81.0%",
        "6 · Administration (non-operational) 200 16.2%",
        "not known 34 2.8%",
        "PP1 · Protecting life and property 1,234 100.0%",
        "ORG-20 · West Midlands Police 1,200 97.2%",
        "09 12 0 0 0 0 0 0 10",
        "P06 40 100.0%",
        "CONTEXT_INCOMPLETE 34 100.0%",
        "control_room · Control room operator acting for officers fewer than 8 withheld withheld withheld",
        "mobile_officer · Frontline officer on mobile 9 20 31.5 1",
        "u-1 ORG-20 · West Midlands Police mobile_officer 90 47.2 300 12.3",
        "u-1 ORG-20 · West Midlands Police Person 0123456789ab 27 01KGE3HADD00000000000001DD",
        "SYNTHETIC: invented data.",
        "Period all that the ledger holds Made 01 July 2026, 13:00 For ORG-20 · West Midlands Police",
        "leds.test/ledger 7 &lt;root&gt;",
    ],
)
def test_every_number_stands_in_a_table(said: str):
    assert said in text_of(page(FOUND, TITLED))


HOSTILE = '<script>alert("1")</script>&'


def test_whatever_the_ledger_holds_is_escaped():
    outlier = replace(OUTLIER, operator=HOSTILE, organisation=HOSTILE)
    repeated = replace(FOUND.repeated[0], operator=HOSTILE, organisation=HOSTILE, type=HOSTILE)
    peers = replace(FOUND.peers[1], role=HOSTILE, outliers=(outlier,))
    counts = ("reasons", "purposes", "organisations", "outcomes", "refusing", "refused_by")
    counted = {name: {HOSTILE: 1} for name in counts}
    hostile = replace(FOUND, worlds=(HOSTILE,), checkpoints=(HOSTILE,), peers=(peers,), repeated=(repeated,), **counted)
    titled = replace(TITLED, organisation=HOSTILE, approved_by=HOSTILE, to_whom=HOSTILE)
    written = page(hostile, titled)
    assert "<script" not in written
    assert written.count("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;") >= 15
    Elements(written)


def test_what_is_too_much_for_a_page_is_summed_up():
    many = replace(FOUND, organisations={f"ORG-X{number:03}": 2 for number in range(100)})
    assert "75 others 150 75.0%" in text_of(page(many, TITLED))


def test_a_period_without_use_is_a_page_too():
    nothing = replace(FOUND, requests=0, reasons={}, purposes={}, organisations={}, hours={}, peers=(), repeated=())
    said = text_of(page(nothing, replace(TITLED, start=TITLED.at, end=TITLED.at)))
    assert "Requests by reason : none." in said
    assert "Period from 01 July 2026, 13:00, before 01 July 2026, 13:00" in said
