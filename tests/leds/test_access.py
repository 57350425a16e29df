"""The options of `leds gateway` about access: what they come to, and what is refused by name before anything starts."""

import json
from pathlib import Path
from typing import Any

import pytest

from authz.errors import InvalidPolicies
from leds.access import AccessOptions, ApprovedVersions, access_from
from leds.errors import ConfigurationError, FileProblem
from tests.authz.issuing import AUDIENCE, ISSUER, NOW, jwks, token

KNOWN: Any = {"issuer": ISSUER, "audience": AUDIENCE}
POLICY = 'permit(principal, action == Action::"see", resource) when { principal.scopes.contains("x") };'


def test_without_options_nobody_is_authenticated():
    assert access_from(AccessOptions()) is None


REFUSED = {
    "an issuer and no audience": ({"issuer": ISSUER}, ConfigurationError),
    "an audience and no issuer": ({"audience": AUDIENCE}, ConfigurationError),
    "an empty issuer": ({"issuer": "", "audience": AUDIENCE}, ConfigurationError),
    "keys and no issuer": ({"jwks": "keys.json"}, ConfigurationError),
    "policies and no issuer": ({"policies": Path("policies")}, ConfigurationError),
    "an issuer that is no address, and no keys": ({"issuer": "me", "audience": AUDIENCE}, ConfigurationError),
}


@pytest.mark.parametrize(("options", "error"), REFUSED.values(), ids=REFUSED)
def test_refuses(options, error):
    with pytest.raises(error) as caught:
        access_from(AccessOptions(**options))
    assert "--issuer" in caught.value.advice


PRIVATE = {"keys": [{"kty": "oct", "kid": "k", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"}]}


@pytest.mark.parametrize("text", [None, "", "{}", "[]", '{"keys": [{"kty": "OKP"}]}', json.dumps(PRIVATE)])
def test_refuses_a_file_that_holds_no_public_keys(tmp_path: Path, text):
    file = tmp_path / "keys.json"
    if text is not None:
        file.write_text(text)
    with pytest.raises(FileProblem, match=r"keys\.json"):
        access_from(AccessOptions(**KNOWN, jwks=str(file)))


async def test_keys_in_a_file_are_read_when_they_are_needed(tmp_path: Path):
    file = tmp_path / "keys.json"
    file.write_text(json.dumps(jwks("EdDSA")))
    access = access_from(AccessOptions(**KNOWN, jwks=str(file)))
    assert access is not None
    file.write_text(json.dumps(jwks()))
    assert (await access.tokens.speaker(token("ES256", scope="x"), NOW)).scopes == {"x"}


def test_graphs_that_may_lower_a_rule_are_named_by_version_or_by_a_file(tmp_path: Path):
    version, file = "a" * 64, tmp_path / "approved.txt"
    nobody, named, listed = ApprovedVersions(None), ApprovedVersions(version), ApprovedVersions(str(file))
    assert [nobody(version), named(version), named("b" * 64), listed(version)] == [False, True, False, False]
    file.write_text(f"# reviewed in ticket 7\n{version}\n")
    assert (listed(version), listed("b" * 64), listed.files(), named.files()) == (True, False, (file,), ())


def test_policies_are_read_anew_each_time(tmp_path: Path):
    file = tmp_path / "keys.json"
    file.write_text(json.dumps(jwks()))
    options = AccessOptions(**KNOWN, jwks=str(file), policies=tmp_path)
    access = access_from(options)
    assert access is not None
    assert access.policies is not None
    assert options.policy_files() == ()
    with pytest.raises(InvalidPolicies):
        access.policies()
    (tmp_path / "see.cedar").write_text(POLICY)
    first = access.policies()
    (tmp_path / "see.cedar").write_text(POLICY.replace('"x"', '"y"'))
    assert access.policies().version != first.version
    assert options.policy_files() == (tmp_path / "see.cedar",)
    (tmp_path / "see.cedar").write_bytes(b"\xff")
    with pytest.raises(InvalidPolicies):
        access.policies()
