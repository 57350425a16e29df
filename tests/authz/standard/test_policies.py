"""The names of `@policy` as Cedar actions: who is permitted what, and every way in which the answer is no."""

from pathlib import Path

import pytest

from authz.errors import InvalidPolicies
from authz.standard.policies import Answers, GraphPolicies, policies_in
from tests.authz.standard.graphs import holder

BY_SCOPE = """
permit(principal, action == Action::"read \\"all\\" £", resource) when { principal.scopes.contains("x") };
"""
BY_CLAIM = """
permit(principal, action in [Action::"b", Action::"c"], resource)
  when { principal.hasTag("dept") && principal.getTag("dept").contains("sales") };
"""
FORBID = 'forbid(principal, action == Action::"c", resource) when { principal.subject == "someone" };'
OTHERS = FORBID.replace("someone", "others")
ANYTHING = "permit(principal, action, resource);"
FAILING = 'forbid(principal, action == Action::"b", resource) when { principal.getTag("lost").contains("x") };'


def policies(*texts: str) -> GraphPolicies:
    return GraphPolicies({f"{number}.cedar": text for number, text in enumerate(texts)})


PERMITTED = {
    "by a scope": ((BY_SCOPE,), holder("x"), {'read "all" £'}),
    "without the scope": ((BY_SCOPE,), holder("X"), set()),
    "by a claim": ((BY_CLAIM,), holder(dept=["it", "sales"]), {"b", "c"}),
    "without the claim": ((BY_CLAIM,), holder(), set()),
    "forbidden": ((BY_CLAIM, FORBID), holder(dept=["sales"]), {"b"}),
    "by a policy that names nothing, of a known name": ((ANYTHING, BY_SCOPE), holder(), {'read "all" £'}),
    "of a name that is only forbidden, and to others": ((ANYTHING, OTHERS), holder(), set()),
}
ASKED = {'read "all" £', "b", "c", "unknown"}


@pytest.mark.parametrize(("texts", "known", "expected"), PERMITTED.values(), ids=PERMITTED)
def test_permits(texts, known, expected):
    assert policies(*texts).asked(known, ASKED) == Answers(frozenset(expected))


def test_only_what_is_asked_is_answered():
    assert policies(BY_CLAIM).asked(holder(dept=["sales"]), {"b"}) == Answers(frozenset({"b"}))


def test_a_policy_that_fails_to_evaluate_refuses_and_raises_the_alarm(caplog: pytest.LogCaptureFixture):
    both = 'permit(principal, action in [Action::"b", Action::"c"], resource);'
    overflow = 'forbid(principal, action == Action::"b", resource) when { 9223372036854775807 + 1 > 0 };'
    with caplog.at_level("CRITICAL", "leds.alarm"):
        answers = policies(both, overflow).asked(holder(), {"b", "c"})
    assert answers == Answers(frozenset({"c"}), frozenset({"b"}))
    assert [record.levelname for record in caplog.records] == ["CRITICAL"]


REFUSED = {
    "not Cedar": "permit(",
    "about no name at all": ANYTHING,
    "about an attribute that nobody has": """
        permit(principal, action == Action::"b", resource) when { principal.age > 1 };
    """,
    "about a claim that may not be there": FAILING,
    "about a resource there is not": 'permit(principal, action == Action::"b", resource == Record::"1");',
    "a template": 'permit(principal == ?principal, action == Action::"b", resource);',
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_refuses_policies(text):
    with pytest.raises(InvalidPolicies):
        policies(text)


def test_the_version_is_that_of_the_texts():
    assert policies(BY_CLAIM).version == policies(BY_CLAIM).version != policies(BY_SCOPE).version


def test_a_directory_is_read_whole_and_in_order(tmp_path: Path):
    (tmp_path / "b.cedar").write_text(BY_CLAIM)
    (tmp_path / "a.cedar").write_text(BY_SCOPE)
    (tmp_path / "notes.txt").write_text("permit(")
    assert policies_in(tmp_path).known == {"b", "c", 'read "all" £'}


@pytest.mark.parametrize("name", ["empty", "lost"])
def test_a_directory_without_policies_is_refused(tmp_path: Path, name: str):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidPolicies, match=name):
        policies_in(tmp_path / name)
