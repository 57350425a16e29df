import pytest

from authz.decide import Decider
from authz.rules import Rules, rules_from_sdl
from tests.authz.dictionary_graph import dictionary_sdl


@pytest.fixture(scope="session")
def dictionary_rules() -> Rules:
    return rules_from_sdl({"dictionary": dictionary_sdl()})


@pytest.fixture(scope="session")
def decider(dictionary_rules: Rules) -> Decider:
    return Decider(dictionary_rules)
