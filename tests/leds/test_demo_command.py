"""What the demo says once it is ready: an editor in the browser is only spoken of where there is one."""

from pathlib import Path

from leds.commands.demo import where_to_begin

ORIGIN = "http://127.0.0.1:8000"


def test_a_graphiql_that_is_built_is_where_to_begin(tmp_path: Path):
    (tmp_path / "index.html").touch()
    said = "\n".join(where_to_begin(ORIGIN, tmp_path))
    assert f"{ORIGIN}/graphiql\n" in said
    assert "GraphiQL's header tab" in said
    assert "make graphiql" not in said


def test_a_graphiql_that_is_not_built_is_said_to_be_so_with_why_and_how_to_get_it(tmp_path: Path):
    dist = tmp_path / "dist"
    (tmp_path / "build-failure.txt").write_text("npm: registry unreachable\n")
    said = "\n".join(where_to_begin(ORIGIN, dist))
    assert f"{ORIGIN}/graphiql" not in said
    assert "header tab" not in said
    assert "npm: registry unreachable" in said
    assert "make graphiql" in said
    assert "leds query" in said
