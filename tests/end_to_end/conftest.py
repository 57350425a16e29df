"""One demo for all end-to-end tests: generating its people takes seconds."""

from collections.abc import Iterator

import pytest

from tests.end_to_end.demo import Demo, running_demo


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A running demo."""
    with running_demo(tmp_path_factory.mktemp("demo") / "home") as started:
        yield started


@pytest.fixture(scope="session")
def headers(demo: Demo) -> dict[str, dict[str, str]]:
    """Every persona's headers."""
    names = ("officer", "detective", "analyst", "insurer", "inspector", "supervisor", "dpo")
    return {name: demo.headers(name) for name in names}
