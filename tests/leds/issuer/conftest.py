"""One running issuer for the module's tests: state between them is only codes and tokens, each test makes its own."""

from collections.abc import Iterator

import pytest

from tests.leds.issuer.running import Running, running_issuer


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_issuer(tmp_path_factory.mktemp("home")) as running:
        yield running
