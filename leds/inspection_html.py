"""Tables and charts of an inspection: numbers in, escaped HTML and SVG out. No script, nothing that is fetched.

Every chart stands in or beside a table of its numbers.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from html import escape

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
HOURS = range(24)
SHADES = 5
_WIDTH, _HEIGHT, _BASE = 480, 130, 108

STYLE = """
:root { color-scheme: light; --ink: #1b1f24; --quiet: #4d5761; --line: #d0d7de; --bar: #1f6feb; --warn: #9a3412; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 62rem; background: #fff; color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.25rem; margin: 2.25rem 0 .25rem; padding-top: 1rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1rem 0 0; }
p { margin: .25rem 0 .75rem; max-width: 46rem; }
.quiet, caption, dt { color: var(--quiet); }
.notice { border-left: 4px solid var(--warn); padding: .25rem .75rem; color: var(--warn); font-weight: 600; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: 1rem 0; }
dd { margin: 0; overflow-wrap: anywhere; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); gap: .75rem; padding: 0;
  list-style: none; }
.figures li { border: 1px solid var(--line); border-radius: .375rem; padding: .5rem .75rem; }
.figures strong { display: block; font-size: 1.5rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.beside { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 0 2rem; align-items: start; }
table { border-collapse: collapse; width: 100%; margin: .75rem 0; font-size: .9375rem; }
caption { text-align: left; font-weight: 600; padding-bottom: .25rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line);
  overflow-wrap: anywhere; }
thead th { font-size: .8125rem; color: var(--quiet); overflow-wrap: normal; }
tbody th { font-weight: 400; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.number, .code { white-space: nowrap; overflow-wrap: normal; }
svg { display: block; width: 100%; }
.bar { height: .4rem; margin-top: .2rem; }
.bar rect, .columns rect { fill: var(--bar); }
.bar .track { fill: #eaeef2; }
.columns, .strip { height: auto; max-width: 34rem; margin-top: .5rem; }
.columns text, .strip text { font-size: 14px; fill: var(--quiet); text-anchor: middle; }
.columns line, .strip line { stroke: #8c959f; }
.strip circle { fill: var(--bar); fill-opacity: .5; } .strip .limit { stroke: var(--warn); stroke-dasharray: 4 3; }
.strip .far { fill: var(--warn); fill-opacity: .8; }
.heat { table-layout: fixed; max-width: 34rem; font-size: .8125rem; }
.heat th, .heat td { text-align: right; padding: .1rem .4rem; font-variant-numeric: tabular-nums;
  border: 1px solid #fff; }
.heat tbody th { color: var(--quiet); }
.shade0 { background: #f6f8fa; color: var(--quiet); } .shade1 { background: #ddf0ff; } .shade2 { background: #b6dcff; }
.shade3 { background: #8cc4ff; } .shade4 { background: #68adf5; } .shade5 { background: #4d9bf0; }
code { font: .8125rem/1.4 ui-monospace, "Liberation Mono", monospace; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font: .75rem/1.4 ui-monospace, "Liberation Mono", monospace;
  border: 1px solid var(--line); padding: .5rem; }
@media (max-width: 32rem) {
  body { padding: 1rem; }
  .beside { grid-template-columns: 1fr; }
  .wide, .wide tbody, .wide tr, .wide th, .wide td { display: block; border: 0; padding: 0; text-align: left; }
  .wide, .wide caption { width: 100%; }
  .wide caption { display: block; }
  .wide thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .wide tr { border-bottom: 1px solid var(--line); padding: .4rem 0; }
  .wide [data-label]::before { content: attr(data-label) ": "; color: var(--quiet); }
}
@media print {
  @page { size: A4; margin: 15mm; }
  html { font-size: 9pt; }
  body { padding: 0; max-width: none; font-size: 1rem; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  h2, h3, caption { break-after: avoid; }
  tr, .columns, .strip, .heat, .figures li { break-inside: avoid; }
  thead { display: table-header-group; }
}
"""


class Column(StrEnum):
    """What a column of a table holds; codes and numbers are never broken into two lines."""

    TEXT = "text"
    CODE = "code"
    NUMBER = "number"


def bars(caption: str, head: str, counted: Mapping[str, int], labels: Mapping[str, str], most: int = 25) -> str:
    """A table of counts by code, each with a bar under its name; what is over `most` is summed up in the last row."""
    if not counted:
        return f"<p><strong>{escape(caption)}</strong>: none.</p>"
    total, shown = sum(counted.values()), list(counted.items())[:most]
    rest = len(counted) - len(shown)
    named = [(_named(code, labels), count) for code, count in shown]
    if rest:
        named.append((f"{rest} others", total - sum(count for _, count in shown)))
    highest = max(count for _, count in named)
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}{_bar(count / highest)}</th><td class="number">{count:,}</td>'
        f'<td class="number">{count / total:.1%}</td></tr>'
        for name, count in named
    )
    heads = f'<th scope="col">{escape(head)}</th><th scope="col" class="number">Number</th>'
    heads += '<th scope="col" class="number">Share</th>'
    return f"<table><caption>{escape(caption)}</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def columns(title: str, counts: Sequence[int]) -> str:
    """A column for each hour of the day."""
    highest, step = max(*counts, 1), _WIDTH / len(counts)
    drawn = "".join(
        f'<rect x="{hour * step + 2:.1f}" y="{_BASE - count / highest * (_BASE - 6):.1f}" width="{step - 4:.1f}"'
        f' height="{count / highest * (_BASE - 6):.1f}"/>'
        for hour, count in enumerate(counts)
    )
    hours = "".join(
        f'<text x="{(hour + 0.5) * step:.1f}" y="{_HEIGHT - 6}">{hour:02}</text>' for hour in range(0, len(counts), 3)
    )
    return (
        f'<svg class="columns" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(title)}">'
        f'{drawn}<line x1="0" x2="{_WIDTH}" y1="{_BASE}" y2="{_BASE}"/>{hours}</svg>'
    )


def strip(title: str, values: Sequence[int], median: float, limit: float) -> str:
    """A dot for each value on one line, the median marked below it, and a broken line where outliers begin."""
    scale = (_WIDTH - 40) / max(*values, limit, 1)

    def at(value: float) -> str:
        return f"{20 + value * scale:.0f}"

    dots = sorted({(at(value), value > limit) for value in values})
    drawn = "".join(f'<circle cx="{place}" cy="24" r="5"{_far(far)}/>' for place, far in dots)
    # Text stays inside the picture wherever the median lies.
    words = f'<text x="{at(median)}" y="57" style="text-anchor: start">median {median:g}</text>'
    tick = f'<line x1="{at(median)}" x2="{at(median)}" y1="36" y2="42"/>'
    return (
        f'<svg class="strip" viewBox="0 0 {_WIDTH} 64" role="img" aria-label="{escape(title)}">'
        f'<line x1="20" x2="{_WIDTH - 20}" y1="36" y2="36"/>{drawn}{tick}{words}'
        f'<line class="limit" x1="{at(limit)}" x2="{at(limit)}" y1="6" y2="42"/></svg>'
    )


def heat(caption: str, hours: Mapping[tuple[int, int], int]) -> str:
    """A table of counts by hour and weekday, darker where there are more."""
    highest = max(hours.values(), default=0)
    heads = "".join(f'<th scope="col">{day}</th>' for day in WEEKDAYS)
    rows = "".join(
        f'<tr><th scope="row">{hour:02}</th>'
        + "".join(_cell(hours.get((day, hour), 0), highest) for day in range(len(WEEKDAYS)))
        + "</tr>"
        for hour in HOURS
    )
    return (
        f'<table class="heat"><caption>{escape(caption)}</caption><thead><tr><th scope="col">Hour</th>{heads}</tr>'
        f"</thead><tbody>{rows}</tbody></table>"
    )


def table(caption: str, heads: Sequence[tuple[str, Column]], rows: Iterable[Sequence[str]]) -> str:
    """A table of texts; a head is a text and what its column holds. Narrow screens show a row as a list."""
    head = "".join(f'<th scope="col" class="{column}">{escape(text)}</th>' for text, column in heads)
    body = "".join(
        "<tr>"
        + "".join(
            f'<td class="{column}" data-label="{escape(text)}">{escape(value)}</td>'
            for (text, column), value in zip(heads, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return (
        f'<table class="wide"><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


def figures(numbers: Iterable[tuple[str, int]]) -> str:
    """Single figures, each with what it counts."""
    items = "".join(f"<li><strong>{number:,}</strong> {escape(name)}</li>" for name, number in numbers)
    return f'<ul class="figures">{items}</ul>'


def facts(said: Iterable[tuple[str, str]]) -> str:
    """Names and what they are."""
    return f"<dl>{''.join(f'<dt>{escape(name)}</dt><dd>{escape(text)}</dd>' for name, text in said)}</dl>"


def _named(code: str, labels: Mapping[str, str]) -> str:
    if not code:
        return "not known"
    return f"{code} · {labels[code]}" if code in labels else code


def _bar(share: float) -> str:
    return (
        '<svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="track" width="100" height="4"/><rect width="{share * 100:.2f}" height="4"/></svg>'
    )


def _cell(count: int, highest: int) -> str:
    shade = -(-count * SHADES // highest) if highest else 0
    return f'<td class="shade{shade}">{count:,}</td>'


def _far(far: bool) -> str:
    return ' class="far"' if far else ""
