"""Which coordinates a new version of the governed graph could open, as rules alone can tell."""

from dataclasses import replace

import pytest

from authz.rules import Rule, Rules, rules_from_sdl
from authz.widened_rules import opened_by
from subgraphs.snapshots import printed_schemas


@pytest.fixture(scope="module")
def governed() -> Rules:
    return rules_from_sdl(printed_schemas())


def changed(rules: Rules, *named: Rule | str, inputs: dict[str, tuple[str, ...]] | None = None) -> Rules:
    fields = dict(rules.fields)
    for each in named:
        if isinstance(each, str):
            del fields[each]
        else:
            fields[each.coordinate] = each
    return replace(rules, version="", fields=fields, inputs={**rules.inputs, **(inputs or {})})


def test_only_what_asks_for_no_less_opens_nothing(governed: Rules):
    make = governed.fields["Vehicle.make"]
    argument = next(name for name, reads in governed.inputs.items() if reads)
    as_closed = {
        "nothing": changed(governed),
        "a field that is gone": changed(governed, "Vehicle.make"),
        "another dataset as well": changed(governed, replace(make, datasets=(*make.datasets, "PND.INT"))),
        "a field that nobody can name": changed(governed, Rule("Vehicle.hidden", ("REF",), internal=True)),
        "an argument that reads more": changed(
            governed, inputs={argument: (*governed.inputs[argument], "Vehicle.make")}
        ),
    }
    for new in as_closed.values():
        assert opened_by(governed, new) == ()
    opening = {
        "a new field": (Rule("Vehicle.nickname", ("REF",)), "Vehicle.nickname"),
        "a field that is open": (replace(make, datasets=(), open=True), "Vehicle.make"),
        "another dataset": (replace(make, datasets=("REF",)), "Vehicle.make"),
        "another sensitivity": (replace(make, sensitivity="S0" if make.sensitivity != "S0" else "S1"), "Vehicle.make"),
        "a mask": (replace(make, mask="YEAR"), "Vehicle.make"),
        "an internal field that is named": (
            replace(next(rule for rule in governed.fields.values() if rule.internal), internal=False),
            next(name for name, rule in governed.fields.items() if rule.internal),
        ),
    }
    for rule, coordinate in opening.values():
        assert opened_by(governed, changed(governed, rule)) == (coordinate,)
    assert opened_by(governed, changed(governed, inputs={argument: ()})) == (argument,)
    assert opened_by(governed, changed(governed, inputs={"Query.new(a:)": ()})) == ("Query.new(a:)",)
