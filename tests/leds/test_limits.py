"""The limits of `leds.toml`: what is not set there is what the gateway does by default, and each key arrives."""

from dataclasses import fields
from pathlib import Path

import msgspec
import pytest

from gateway.documents.limits import DocumentLimits
from gateway.streams.limits import StreamLimits
from leds.config import Configuration, LimitsSection, load_configuration
from leds.errors import ConfigurationError
from leds.limits import document_limits, stream_limits


def test_without_keys_the_limits_are_those_of_the_gateway():
    configuration = Configuration()
    assert document_limits(configuration.limits, configuration.gateway.max_tokens) == DocumentLimits()
    assert stream_limits(configuration.limits) == StreamLimits()


def test_every_key_reaches_a_limit(tmp_path: Path):
    keys = [each.name for each in msgspec.structs.fields(LimitsSection)]
    file = tmp_path / "leds.toml"
    file.write_text("[limits]\n" + "".join(f"{name} = {number}\n" for number, name in enumerate(keys, 3)))
    section = load_configuration(file, {"LEDS_LIMITS_DEPTH": "2"}).limits
    documents, streams = document_limits(section, 1), stream_limits(section)
    arrived = {getattr(documents, each.name) for each in fields(documents)}
    arrived |= {getattr(streams, each.name) for each in fields(streams)}
    assert arrived >= {2} | set(range(3, 3 + len(keys))) - {3 + keys.index("depth")}


@pytest.mark.parametrize("line", ["dept = 3", 'depth = "deep"', "max_depth = 1"])
def test_an_unknown_limit_or_a_bad_value_is_refused_by_name(tmp_path: Path, line: str):
    file = tmp_path / "leds.toml"
    file.write_text(f"[limits]\n{line}\n")
    with pytest.raises(ConfigurationError, match=line.split(" ")[0]):
        load_configuration(file, {})
