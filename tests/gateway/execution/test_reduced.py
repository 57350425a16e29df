"""What is shown in a lower form than it has: entries beside the data in, the answer and `extensions.access` out."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from authz.decision import UNTAGGED, Decision, Form
from gateway.execution.executor import Limits
from gateway.execution.reply import ReplyRules
from gateway.execution.result import ExecutionRequest, ExecutionResult
from tests.gateway.execution.kit import Saying, codes, run

GOVERNED = Limits(rules=ReplyRules(require_disclosures=True))
FULL = Decision(Form.FULL, ("P05",), "SHOP")
COUNTED = Decision(Form.MASK, ("P05",), "SHOP", mask="COUNT")
CUT = Decision(Form.MASK, ("P05",), "SHOP", mask="LAST4")
EXISTS = Decision(Form.EXISTS, ("P06",), "SHOP", contact="the owner")


def reply(data: Any, access: list[dict[str, Any]], disclosures: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {"data": data, "extensions": {"disclosures": disclosures or [], "access": access}}


def beside(coordinate: str, decision: Decision, *path: str | int, **values: Any) -> dict[str, Any]:
    said = {"path": path, "coordinate": coordinate, "form": decision.form, "policies": decision.policies}
    return said | {"dataset": decision.dataset, "mask": decision.mask, "contact": decision.contact} | values


def asking(**decisions: Decision) -> ExecutionRequest:
    """A request whose fields of Product are decided so, and all others in full."""
    by_coordinate = {f"Product.{name}": decision for name, decision in decisions.items()}
    lower: Mapping[str, Decision] = {name: each for name, each in by_coordinate.items() if each.form is not Form.FULL}
    return ExecutionRequest(denials=lower, decide=lambda coordinate: by_coordinate.get(coordinate, FULL))


async def products(
    query: str, access: list[dict[str, Any]], request: ExecutionRequest, **fields: Any
) -> ExecutionResult:
    answer = reply({"products": [{"__typename": "Product", **fields}]}, access)
    return await run(query, {"products": Saying([answer])}, request, limits=GOVERNED)


async def test_a_masked_value_stands_in_its_place_and_beside_it_that_it_is_masked():
    result = await products("{ products { n: name } }", [], asking(name=CUT), n="****rain")
    assert result.data == {"products": [{"n": "****rain"}]}
    assert result.access == ({"path": ["products", 0, "n"], "form": "MASK", "mask": "LAST4", "policy": "P05"},)
    assert (result.errors, result.disagreements) == ((), ())
    assert json.loads(result.body({"world": "SYNTHETIC"}))["extensions"].keys() == {"world", "access"}


async def test_a_mask_that_does_not_fit_leaves_null_and_is_said_at_the_response_path():
    banded = Decision(Form.MASK, ("P05",), mask="BAND")
    entry, request = beside("Product.price", banded, "all", 0, "p", value="5-9"), asking(price=banded)
    answer = reply({"all": [{"p": None}]}, [entry])
    result = await run("{ all: products { p: price } }", {"products": Saying([answer])}, request, limits=GOVERNED)
    assert result.data == {"all": [{"p": None}]}
    (said,) = result.access
    assert (said["path"], said["mask"], said["value"]) == (["all", 0, "p"], "BAND", "5-9")


async def test_what_exists_is_said_with_whom_to_ask_and_never_shown():
    entry = beside("Product.name", EXISTS, "products", 0, "name", value=True)
    result = await products("{ products { name } }", [entry], asking(name=EXISTS), name=None)
    assert result.data == {"products": [{"name": None}]}
    (said,) = result.access
    assert said == {
        "path": ["products", 0, "name"],
        "form": "EXISTS",
        "policy": "P06",
        "dataset": "SHOP",
        "contact": "the owner",
        "value": True,
    }
    sent = await products("{ products { name } }", [], asking(name=EXISTS), name="canary")
    assert "canary" not in json.dumps([sent.data, sent.access, sent.errors])


async def test_a_value_that_has_no_form_in_the_data_is_not_shown_when_a_subgraph_sends_it():
    result = await products("{ products { name } }", [], asking(name=COUNTED), name="canary")
    assert result.data == {"products": [{"name": None}]}


async def test_a_row_that_is_refused_is_an_error_at_its_path_and_costs_no_other():
    full = Decision(Form.FULL, ("P05",), rows=("own-record",))
    denied = Decision(Form.DENY, ("P15",), "SHOP", ("a supervisor",))
    data = {"products": [{"name": None}, {"name": "sold"}]}
    answer = reply(data, [beside("Product.name", denied, "products", 0, "name", missing=["a supervisor"])])
    result = await run("{ products { name } }", {"products": Saying([answer])}, asking(name=full), limits=GOVERNED)
    assert result.data == data
    assert codes(result) == [("ACCESS_DENIED", ("products", 0, "name"))]
    assert result.errors[0]["extensions"]["missing"] == ["a supervisor"]
    assert result.access == ()


@pytest.mark.parametrize(
    ("decided", "said"),
    [
        (FULL, CUT),
        (FULL, EXISTS),
        (CUT, FULL),
        (CUT, COUNTED),
        (EXISTS, CUT),
        (EXISTS, FULL),
        (Decision(Form.DENY), FULL),
        (UNTAGGED, CUT),
    ],
)
async def test_where_a_subgraph_decided_otherwise_nothing_is_shown_and_it_is_an_alarm(
    decided: Decision, said: Decision
):
    disclosed = {"type": "Product", "key": "h:1", "dataset": "SHOP", "form": said.form, "fields": ["price"]}
    access = [beside("Product.price", said, "products", 0, "price")] if said.form is not Form.FULL else []
    answer = reply({"products": [{"name": "canary", "price": None}]}, access, [disclosed])
    request = ExecutionRequest(decide=lambda coordinate: decided if coordinate == "Product.price" else FULL)
    result = await run("{ products { name price } }", {"products": Saying([answer])}, request, limits=GOVERNED)
    assert result.data == {"products": None}
    assert codes(result) == [("UNAVAILABLE", ("products",))]
    assert result.disagreements == ("products",)


@pytest.mark.parametrize(("newer", "alarm"), [(None, True), (1, True), (2, False), ("2", True), (-2, True)])
@pytest.mark.parametrize("refused", [False, True])
async def test_a_subgraph_that_decided_by_newer_facts_is_refused_without_an_alarm(
    newer: Any, alarm: bool, refused: bool
):
    disclosed = {"type": "Product", "key": "h:1", "dataset": "SHOP", "form": Form.MASK, "fields": ["price"]}
    answer = reply({"products": [{"name": "canary", "price": None}]}, [], [disclosed])
    answer["extensions"] |= {} if newer is None else {"facts": newer}
    if refused:
        answer["errors"] = [
            {"message": "no", "extensions": {"code": "ACCESS_DENIED"}, "path": ["products", 0, "price"]}
        ]
    request = ExecutionRequest(decide=lambda _coordinate: FULL, facts=1)
    result = await run("{ products { name price } }", {"products": Saying([answer])}, request, limits=GOVERNED)
    assert result.data == {"products": None}
    assert codes(result) == [("UNAVAILABLE", ("products",))]
    assert result.disagreements == (("products",) if alarm else ())


@pytest.mark.parametrize(
    "access",
    [
        "all",
        [{"path": ["products", 0, "name"]}],
        [beside("Product.name", CUT)],
        [beside("Product.name", CUT, "products", 7, "name")],
        [beside("Product.name", CUT, "products", 0, "name")],
    ],
    ids=["no list", "no form", "no path", "no place", "a place that holds the value"],
)
async def test_a_reply_that_contradicts_itself_about_forms_is_not_shown(access: Any):
    answer = {"data": {"products": [{"name": "canary"}]}, "extensions": {"disclosures": [], "access": access}}
    result = await run("{ products { name } }", {"products": Saying([answer])}, asking(name=CUT), limits=GOVERNED)
    assert result.data == {"products": None}
    assert codes(result) == [("UNAVAILABLE", ("products",))]


@pytest.mark.parametrize("access", ["theirs", [beside("Product.name", EXISTS, "products", 0, "name")]])
async def test_where_nothing_is_governed_what_subgraphs_call_access_is_theirs(access: Any):
    answer = {"data": {"products": [{"name": "sold"}]}, "extensions": {"access": access}}
    result = await run("{ products { name } }", {"products": Saying([answer])})
    assert (result.data, result.access, result.errors) == ({"products": [{"name": "sold"}]}, (), ())


async def test_a_masked_key_is_sent_on_as_it_is_and_shown_to_nobody():
    hashed = Decision(Form.MASK, ("P05",), mask="HASH")
    entry = beside("Product.sku", hashed, "products", 0, "sku", value="p:1", data=None)
    first = reply({"products": [{"__typename": "Product", "sku": "canary"}]}, [entry])
    reviews = Saying([reply({"_entities": [{"reviews": [{"body": "good"}]}]}, [])])
    transports = {"products": Saying([first]), "reviews": reviews}
    result = await run("{ products { reviews { body } } }", transports, asking(sku=hashed), limits=GOVERNED)
    assert result.data == {"products": [{"reviews": [{"body": "good"}]}]}
    assert result.access == ()
    assert reviews.bodies[0]["variables"]["representations"] == [{"__typename": "Product", "sku": "canary"}]
    shown = await run("{ products { sku } }", {"products": Saying([first])}, asking(sku=hashed), limits=GOVERNED)
    assert "canary" not in json.dumps([shown.data, shown.access, shown.errors])
    assert shown.access[0]["value"] == "p:1"
