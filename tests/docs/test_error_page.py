"""`docs/errors.md` is generated from the registries: it lists every code with its meaning, and each code once."""

import re

from leds.error_reference import PAGE, page


def test_the_page_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == page() + "\n", "run `python -m leds.error_reference`"


def test_every_code_says_what_it_means():
    rows = re.findall(r"^\| `(\w+)` \| \d* \| (.*?) \| (.*?) \|$", page(), re.MULTILINE)
    assert len(rows) > 100
    assert [code for code, meaning, _ in rows if not meaning] == []
