"""`leds.toml` and the environment: defaults, overrides, and refusals by name."""

from pathlib import Path

import pytest

from leds.config import home, load_configuration
from leds.errors import ConfigurationError


def test_the_embedded_run_needs_no_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    configuration = load_configuration(None, {})
    assert (configuration.gateway.host, configuration.gateway.port) == ("127.0.0.1", 8000)
    assert configuration.subgraphs == {}


def test_a_file_sets_keys_and_the_environment_overrides_them(tmp_path: Path):
    file = tmp_path / "leds.toml"
    file.write_text('[gateway]\nport = 9000\n[subgraphs.person]\nurl = "http://127.0.0.1:8101/graphql"\n')
    assert load_configuration(file, {}).gateway.port == 9000
    configuration = load_configuration(file, {"LEDS_GATEWAY_PORT": "9001"})
    assert configuration.gateway.port == 9001
    assert configuration.subgraphs["person"].url == "http://127.0.0.1:8101/graphql"


def test_several_values_are_a_list_in_the_file_and_separated_by_commas_in_the_environment(tmp_path: Path):
    file = tmp_path / "leds.toml"
    file.write_text('[gateway]\noverride_labels = ["canary"]\n')
    assert load_configuration(file, {}).gateway.override_labels == ("canary",)
    environment = {"LEDS_GATEWAY_OVERRIDE_LABELS": "percent(5), canary,"}
    assert load_configuration(file, environment).gateway.override_labels == ("percent(5)", "canary")


def test_the_configuration_file_may_be_named_by_the_environment(tmp_path: Path):
    file = tmp_path / "elsewhere.toml"
    file.write_text("[gateway]\nport = 9002\n")
    assert load_configuration(None, {"LEDS_CONFIG": str(file)}).gateway.port == 9002


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[gateway]\nprot = 1\n", "prot"),
        ("[gatewya]\nport = 1\n", "gatewya"),
        ('[gateway]\nport = "many"\n', "gateway.port"),
        ("[gateway]\nport = 65536\n", "gateway.port"),
        ("[gateway]\ndeadline_ms = 0\n", "gateway.deadline_ms"),
        ("[limits]\ndepth = -1\n", "limits.depth"),
        ("[bulk]\nseconds = 0\n", "bulk.seconds"),
        ('[subgraphs.person]\nuri = "x"\n', "uri"),
        ("[gateway\n", "TOML"),
    ],
)
def test_an_unknown_key_or_bad_value_in_the_file_is_refused_by_name(tmp_path: Path, text: str, named: str):
    file = tmp_path / "leds.toml"
    file.write_text(text)
    with pytest.raises(ConfigurationError, match=named):
        load_configuration(file, {})


@pytest.mark.parametrize(
    ("variable", "value", "named"),
    [
        ("LEDS_GATEWAY_PORT", "many", "gateway.port"),
        ("LEDS_GATEWAY_PORT", "-1", "gateway.port"),
        ("LEDS_GATEWAY_PORT", "99999", "gateway.port"),
        ("LEDS_GATEWAY_PROT", "1", "prot"),
        ("LEDS_TURN_OFF_AUDIT", "1", "LEDS_TURN_OFF_AUDIT"),
        ("LEDS_GATEWAY", "1", "LEDS_GATEWAY"),
    ],
)
def test_an_unknown_variable_or_bad_value_in_the_environment_is_refused_by_name(variable: str, value: str, named: str):
    with pytest.raises(ConfigurationError, match=named):
        load_configuration(None, {variable: value})


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (b"[gateway]\nport 9000\n", "line 2"),
        (b"[gateway]\nport = 9000\nport = 9001\n", "line 3"),
        (b"[gateway\n", "line 1"),
        (b"[identity]\nissuer = https://idp.example\n", "line 2"),
        (b'[identity]\n# a name\nissuer = "\xff"\n', "line 3"),
    ],
)
def test_a_file_that_is_no_toml_is_named_with_the_line_and_what_to_do(tmp_path: Path, text: bytes, where: str):
    file = tmp_path / "leds.toml"
    file.write_bytes(text)
    with pytest.raises(ConfigurationError) as refused:
        load_configuration(file, {})
    assert str(file) in refused.value.message
    assert where in refused.value.message
    assert refused.value.advice


@pytest.mark.parametrize("name", ["nowhere.toml", "."])
def test_a_configuration_file_that_cannot_be_read_is_named_with_what_to_do(tmp_path: Path, name: str):
    with pytest.raises(ConfigurationError) as refused:
        load_configuration(tmp_path / name, {})
    assert str(tmp_path / name) in refused.value.message
    assert "LEDS_CONFIG" in refused.value.advice


def test_state_is_kept_where_the_environment_says(tmp_path: Path):
    assert home({"LEDS_HOME": str(tmp_path)}) == tmp_path


def test_state_is_otherwise_kept_beside_the_virtual_environment_whatever_the_working_directory(
    tmp_path: Path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    assert home({}).name == ".leds"
    assert tmp_path not in home({}).parents
