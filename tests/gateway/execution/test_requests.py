"""What is asked of subgraphs: combined, de-duplicated, aligned, and nothing that cannot be asked."""

from dataclasses import replace

import pytest

from authz.disclosure import Disclosure
from gateway.execution.executor import Limits
from gateway.execution.reply import ReplyRules
from gateway.execution.result import ExecutionRequest
from gateway.planning.plan import (
    Condition,
    Fetch,
    Flatten,
    KeyRenamer,
    Parallel,
    QueryPlan,
    RequiredField,
    RequiredFragment,
    Sequence,
    ValueSetter,
)
from tests.gateway.execution.kit import Saying, codes, run

OF_PRODUCT = (RequiredFragment("Product", (RequiredField("__typename"), RequiredField("sku"))),)


def entities(subgraph: str, body: str, **settings) -> Fetch:
    return Fetch(
        subgraph,
        f"query($representations:[_Any!]!){{_entities(representations:$representations){{...on Product{{{body}}}}}}}",
        requires=settings.pop("requires", OF_PRODUCT),
        **settings,
    )


def product(sku: str | None, **fields) -> dict:
    return {"__typename": "Product", "sku": sku, **fields}


ROOT = Fetch("products", '{products{__typename sku} product(sku:"p9"){__typename sku price}}')
ROOT_REPLY = {"data": {"products": [product("p1"), product("p2"), product("p1")], "product": product("p9")}}
CLIENT = '{ products { stars } product(sku: "p9") { reviews { body } } }'
LIST, ONE = ("products", "@"), ("product",)


async def test_entity_fetches_of_one_step_to_one_subgraph_are_one_request():
    step = Parallel((Flatten(LIST, entities("reviews", "stars")), Flatten(ONE, entities("reviews", "reviews{body}"))))
    reviews = Saying([{"data": {"_e0": [{"stars": 1.5}, {"stars": 2.5}], "_e1": [{"reviews": []}]}}])
    result = await run(
        CLIENT, {"products": Saying([ROOT_REPLY]), "reviews": reviews}, plan=QueryPlan(Sequence((ROOT, step)))
    )
    assert result.data == {"products": [{"stars": 1.5}, {"stars": 2.5}, {"stars": 1.5}], "product": {"reviews": []}}
    assert reviews.bodies == [
        {
            "query": "query($representations__0:[_Any!]! $representations__1:[_Any!]!)"
            "{_e0:_entities(representations:$representations__0){...on Product{stars}} "
            "_e1:_entities(representations:$representations__1){...on Product{reviews{body}}}}",
            "variables": {
                "representations__0": [product("p1"), product("p2")],
                "representations__1": [product("p9")],
            },
        }
    ]
    assert [(fetch.subgraph, fetch.path, fetch.entities) for fetch in result.fetches] == [
        ("products", "", 0),
        ("reviews", "products.@", 3),
    ]


def with_fragments(body: str, *fragments: str) -> Fetch:
    plain = entities("reviews", body)
    return replace(plain, operation=" ".join((plain.operation, *fragments)))


async def test_fetches_with_named_fragments_are_one_request_too_whatever_the_fragments_are_called():
    first = with_fragments("...F", "fragment F on Product{stars ...G}", "fragment G on Product{__typename}")
    second = with_fragments("reviews{...F@include(if:$with)}", "fragment F on Review{body}")
    second = replace(second, operation=second.operation.replace("!)", "!$with:Boolean!)", 1), variables=("with",))
    step = Parallel((Flatten(LIST, first), Flatten(ONE, second)))
    reviews = Saying([{"data": {"_e0": [{"stars": 1.5}, {"stars": 2.5}], "_e1": [{"reviews": [{"body": "b"}]}]}}])
    result = await run(
        CLIENT,
        {"products": Saying([ROOT_REPLY]), "reviews": reviews},
        ExecutionRequest(variables={"with": True}),
        plan=QueryPlan(Sequence((ROOT, step))),
    )
    assert result.data == {
        "products": [{"stars": 1.5}, {"stars": 2.5}, {"stars": 1.5}],
        "product": {"reviews": [{"body": "b"}]},
    }
    assert [body["query"] for body in reviews.bodies] == [
        "query($representations__0:[_Any!]! $representations__1:[_Any!]! $with:Boolean!)"
        "{_e0:_entities(representations:$representations__0)"
        "{...on Product{...on Product{stars ...on Product{__typename}}}} "
        "_e1:_entities(representations:$representations__1)"
        "{...on Product{reviews{...on Review@include(if:$with){body}}}}}"
    ]


async def test_directives_on_the_operation_stay_on_the_one_request():
    def live(fetch: Fetch) -> Fetch:
        return replace(fetch, operation=fetch.operation.replace(")", "$n:Int)@live(every:$n)", 1), variables=("n",))

    fetches = (Flatten(LIST, live(entities("reviews", "stars"))), Flatten(ONE, live(entities("reviews", "price"))))
    reviews = Saying([{"data": {"_e0": [{"stars": 1.5}, None], "_e1": [None]}}])
    await run(
        CLIENT,
        {"products": Saying([ROOT_REPLY]), "reviews": reviews},
        ExecutionRequest(variables={"n": 3}),
        plan=QueryPlan(Sequence((ROOT, Parallel(fetches)))),
    )
    [body] = reviews.bodies
    assert body["query"].startswith(
        "query($representations__0:[_Any!]! $n:Int $representations__1:[_Any!]!)@live(every:$n){_e0:"
    )
    assert body["variables"]["n"] == 3


async def test_fragments_that_multiply_without_end_are_sent_as_they_are():
    chain = [f"fragment F{n} on Product{{...F{n + 1} ...F{n + 1}}}" for n in range(11)]
    many = with_fragments("...F0", *chain, "fragment F11 on Product{stars}")
    step = Parallel((Flatten(LIST, many), Flatten(ONE, entities("reviews", "reviews{body}"))))
    reviews = Saying([{"data": {"_entities": []}}])
    await run(CLIENT, {"products": Saying([ROOT_REPLY]), "reviews": reviews}, plan=QueryPlan(Sequence((ROOT, step))))
    assert many.operation in [body["query"] for body in reviews.bodies]
    assert len(reviews.bodies) == 2


async def test_errors_of_a_combined_request_find_their_places():
    step = Parallel((Flatten(LIST, entities("reviews", "stars")), Flatten(ONE, entities("reviews", "reviews{body}"))))
    reply = {
        "data": {"_e0": [{"stars": 1.5}, None], "_e1": [{"reviews": None}]},
        "errors": [{"message": "a", "path": ["_e0", 1]}, {"message": "b", "path": ["_e1", 0, "reviews"]}],
    }
    result = await run(
        CLIENT, {"products": Saying([ROOT_REPLY]), "reviews": Saying([reply])}, plan=QueryPlan(Sequence((ROOT, step)))
    )
    assert [path for _, path in codes(result)] == [("products", 1), ("product", "reviews")]


async def test_the_same_fetch_at_several_places_asks_for_each_entity_once():
    step = Parallel((Flatten(LIST, entities("reviews", "stars")), Flatten(ONE, entities("reviews", "stars"))))
    root = {"data": {"products": [product("p1"), product("p2")], "product": product("p1")}}
    reviews = Saying([{"data": {"_entities": [{"stars": 1.5}, {"stars": 2.5}]}}])
    result = await run(
        '{ products { stars } product(sku: "p9") { stars } }',
        {"products": Saying([root]), "reviews": reviews},
        plan=QueryPlan(Sequence((ROOT, step))),
    )
    assert result.data == {"products": [{"stars": 1.5}, {"stars": 2.5}], "product": {"stars": 1.5}}
    assert reviews.bodies[0]["variables"] == {"representations": [product("p1"), product("p2")]}


async def test_a_group_with_nothing_to_ask_for_is_left_out_of_a_combined_request():
    step = Parallel((Flatten(LIST, entities("reviews", "stars")), Flatten(ONE, entities("reviews", "reviews{body}"))))
    root = {"data": {"products": [product("p1")], "product": None}}
    reviews = Saying([{"data": {"_entities": [{"stars": 1.5}]}}])
    result = await run(CLIENT, {"products": Saying([root]), "reviews": reviews}, plan=QueryPlan(Sequence((ROOT, step))))
    assert result.data == {"products": [{"stars": 1.5}], "product": None}
    assert reviews.bodies[0]["query"] == entities("reviews", "stars").operation


async def test_nothing_is_sent_when_there_is_nothing_to_ask_for():
    reviews = Saying([{}])
    plan = QueryPlan(Sequence((ROOT, Flatten(LIST, entities("reviews", "stars")))))
    root = {"data": {"products": [None, product(None)], "product": None}}
    result = await run("{ products { stars } }", {"products": Saying([root]), "reviews": reviews}, plan=plan)
    assert result.data == {"products": [None, {"stars": None}]}
    assert (reviews.bodies, result.errors) == ([], ())


async def test_later_values_at_one_place_do_not_reach_another_place_of_the_same_entity():
    same = entities("reviews", "reviews{product{__typename sku n:price}}")
    step = Parallel((Flatten(LIST, same), Flatten(ONE, same)))
    later = Flatten(("product", "reviews", "@", "product"), entities("products", "n:price"))
    root = {"data": {"products": [product("p1")], "product": product("p1")}}
    products = Saying([root, {"data": {"_entities": [{"n": 7}]}}])
    reviews = Saying([{"data": {"_entities": [{"reviews": [{"product": product("p1", n=1)}]}]}}])
    result = await run(
        '{ products { reviews { product { n: price } } } product(sku: "p1") { reviews { product { n: price } } } }',
        {"products": products, "reviews": reviews},
        plan=QueryPlan(Sequence((ROOT, step, later))),
    )
    assert result.data == {
        "products": [{"reviews": [{"product": {"n": 1}}]}],
        "product": {"reviews": [{"product": {"n": 7}}]},
    }


@pytest.mark.parametrize(("value", "asked"), [(True, 1), (False, 0)])
async def test_a_condition_decides_whether_a_fetch_is_made(value, asked):
    plan = QueryPlan(Sequence((ROOT, Condition("with", Flatten(LIST, entities("reviews", "stars"))))))
    reviews = Saying([{"data": {"_entities": [{"stars": 1.5}, {"stars": 2.5}]}}])
    result = await run(
        "query($with: Boolean!) { products { sku stars @include(if: $with) } }",
        {"products": Saying([ROOT_REPLY]), "reviews": reviews},
        ExecutionRequest({"with": value}),
        plan=plan,
    )
    assert len(reviews.bodies) == asked
    assert ("stars" in result.data["products"][0]) is value


async def test_values_are_read_under_their_alias_sent_under_their_name_and_rewritten():
    requires = (RequiredFragment("Product", (*OF_PRODUCT[0].selections, RequiredField("price", alias="_p"))),)
    rewrites = (ValueSetter(("... on Product", "__typename"), "Thing"), KeyRenamer(("... on Thing", "price"), "cost"))
    fetch = entities(
        "reviews",
        "s:stars",
        requires=requires,
        input_rewrites=rewrites,
        output_rewrites=(KeyRenamer(("... on Product", "s"), "stars"),),
    )
    root = {"data": {"product": product("p1", _p=5)}}
    reviews = Saying(
        [{"data": {"_entities": [{"s": None}]}, "errors": [{"message": "x", "path": ["_entities", 0, "s"]}]}]
    )
    result = await run(
        '{ product(sku: "p1") { stars } }',
        {"products": Saying([root]), "reviews": reviews},
        plan=QueryPlan(
            Sequence((Fetch("products", '{product(sku:"p1"){__typename sku _p:price}}'), Flatten(ONE, fetch)))
        ),
    )
    assert reviews.bodies[0]["variables"] == {"representations": [{"__typename": "Thing", "sku": "p1", "cost": 5}]}
    assert codes(result) == [("DOWNSTREAM_SERVICE_ERROR", ("product", "stars"))]


async def test_only_variables_that_were_sent_are_passed_on():
    plan = QueryPlan(Fetch("products", "query($a:Sku! $b:Int){product(sku:$a){name}}", variables=("a", "b")))
    products = Saying([{"data": {"product": None}}])
    await run(
        "query($a: Sku!) { product(sku: $a) { name } }",
        {"products": products},
        ExecutionRequest({"a": "p1", "z": 1}),
        plan=plan,
    )
    assert products.bodies[0]["variables"] == {"a": "p1"}


async def test_each_body_is_signed_for_its_subgraph():
    signed = []

    def sign(subgraph: str, body: bytes):
        signed.append((subgraph, body))
        return {}

    await run("{ latest { body } }", {"reviews": Saying([{"data": {"latest": None}}])}, ExecutionRequest(sign=sign))
    assert signed == [("reviews", b'{"query":"{latest{body}}"}')]


DISCLOSED = {"type": "Review", "key": "h:1", "dataset": "D", "form": "FULL", "fields": ["body"], "policies": ["P05"]}
GOVERNED = Limits(rules=ReplyRules(require_disclosures=True))
DATA = {"latest": {"body": "secret"}}


async def test_disclosures_and_statements_are_collected():
    reply = {"data": DATA, "extensions": {"disclosures": [DISCLOSED], "statements": 3}}
    result = await run("{ latest { body } }", {"reviews": Saying([reply])}, limits=GOVERNED)
    assert result.disclosures == (Disclosure("Review", "h:1", "D", "FULL", ("body",), ("P05",)),)
    assert result.statements == 3


@pytest.mark.parametrize(
    "extensions",
    [None, {}, {"disclosures": None}, {"disclosures": [{}]}, {"disclosures": [{**DISCLOSED, "form": "SOME"}]}, []],
    ids=["no extensions", "no member", "null", "empty", "an unknown form", "extensions are no object"],
)
async def test_a_governed_reply_that_does_not_say_what_it_disclosed_is_not_released(extensions):
    reply = {"data": DATA, "extensions": extensions}
    result = await run("{ latest { body } }", {"reviews": Saying([reply])}, limits=GOVERNED)
    assert result.data == {"latest": None}
    assert codes(result) == [("UNAVAILABLE", ("latest",))]
    assert (result.disclosures, result.fetches[0].status) == ((), "undisclosed")


async def test_a_subgraph_that_denies_what_was_allowed_is_reported():
    reply = {
        "data": {"latest": None},
        "errors": [{"message": "x", "path": ["latest"], "extensions": {"code": "ACCESS_DENIED"}}],
    }
    result = await run("{ latest { body } }", {"reviews": Saying([reply])})
    assert result.disagreements == ("reviews",)


DENIED = {"message": "x", "path": ["latest", "body"], "extensions": {"code": "ACCESS_DENIED"}}


@pytest.mark.parametrize("data", [None, {"latest": {"body": None, "product": None}}], ids=["as a whole", "in part"])
async def test_a_governed_reply_that_decides_otherwise_about_access_is_refused_as_a_whole(data):
    reply = {"data": data, "errors": [DENIED], "extensions": {"disclosures": [DISCLOSED]}}
    result = await run("{ latest { body product { sku } } }", {"reviews": Saying([reply])}, limits=GOVERNED)
    assert result.data == {"latest": None}
    assert codes(result) == [("UNAVAILABLE", ("latest",))]
    assert (result.disclosures, result.disagreements) == ((), ("reviews",))
    assert result.fetches[0].status == "disagreed"


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("{ latest { body } }", ("body",)),
        ("{ latest { b: body } }", ("body",)),
        ("{ latest { ...F } } fragment F on Review { ... on Review { body } }", ("body",)),
        ("query($yes: Boolean = true) { latest { product { sku } body @include(if: $yes) } }", ("body", "product")),
        ("query($yes: Boolean = true) { latest { product { sku } body @skip(if: $yes) } }", ("product",)),
        ("{ latest { __typename } }", ("__typename",)),
    ],
)
async def test_what_is_read_on_the_way_and_not_shown_is_no_disclosure(query: str, shown):
    said = {**DISCLOSED, "fields": ["body", "product"]}
    data = {"latest": {"__typename": "Review", "body": "secret", "b": "secret", "product": None}}
    reply = {"data": data, "extensions": {"disclosures": [said]}}
    result = await run(query, {"reviews": Saying([reply])}, limits=GOVERNED)
    assert [each.fields for each in result.disclosures] == [shown]


async def test_a_subject_is_named_as_a_record_that_is_there_only_where_nothing_of_it_is_shown():
    of_another = {**DISCLOSED, "key": "h:2", "fields": ["product"]}
    reply = {"data": DATA, "extensions": {"disclosures": [{**DISCLOSED, "fields": ["product"]}, DISCLOSED, of_another]}}
    result = await run("{ latest { body } }", {"reviews": Saying([reply])}, limits=GOVERNED)
    assert [(each.key, each.fields) for each in result.disclosures] == [("h:1", ("body",)), ("h:2", ("__typename",))]


@pytest.mark.parametrize("name", ["nobodyKnows", "Elsewhere.body", "Query.latest"])
async def test_a_disclosure_in_names_of_no_field_that_was_left_out_is_kept(name: str):
    reply = {"data": DATA, "extensions": {"disclosures": [{**DISCLOSED, "fields": [name]}]}}
    result = await run("{ latest { product { sku } } }", {"reviews": Saying([reply])}, limits=GOVERNED)
    assert [each.fields for each in result.disclosures] == [(name,)]


def requiring(*fields: str) -> tuple[RequiredFragment, ...]:
    return (RequiredFragment("Product", (*OF_PRODUCT[0].selections, *(RequiredField(name) for name in fields))),)


@pytest.mark.parametrize(
    ("root", "requires", "asked"),
    [
        (product("p1", price=None), requiring("price"), True),
        (product(None, price=1), requiring("price"), False),
        (
            product("p1", price=None),
            (RequiredFragment("Product", (RequiredField("__typename"), RequiredField("price"))),),
            False,
        ),
        ({"__typename": "Review", "sku": "p1"}, OF_PRODUCT, False),
    ],
    ids=["a nullable input is null", "a promised key is null", "nothing but nulls", "another type"],
)
async def test_an_object_is_asked_for_only_when_something_identifies_it(root, requires, asked):
    reviews = Saying([{"data": {"_entities": [{"stars": 1.5}]}}])
    plan = QueryPlan(Sequence((ROOT, Flatten(ONE, entities("reviews", "stars", requires=requires)))))
    transports = {"products": Saying([{"data": {"product": root}}]), "reviews": reviews}
    await run('{ product(sku: "p1") { sku } }', transports, plan=plan)
    assert bool(reviews.bodies) is asked


async def test_a_required_value_lost_with_its_fetch_loses_what_needs_it():
    price = Flatten(ONE, entities("reviews", "price"))
    stars = Flatten(ONE, entities("products", "stars", requires=requiring("price")))
    products = Saying([{"data": {"product": product("p1")}}, {"data": {"_entities": [{"stars": 1.5}]}}])
    result = await run(
        '{ product(sku: "p1") { sku stars } }',
        {"products": products, "reviews": Saying([b"down"])},
        plan=QueryPlan(Sequence((ROOT, price, stars))),
    )
    assert result.data == {"product": {"sku": "p1", "stars": None}}
    assert codes(result) == [("UNAVAILABLE", ("product", "stars"))]
    assert len(products.bodies) == 1


async def test_a_required_value_that_failed_by_itself_is_sent_as_null():
    price = Flatten(ONE, entities("reviews", "price"))
    stars = Flatten(ONE, entities("products", "stars", requires=requiring("price")))
    products = Saying([{"data": {"product": product("p1")}}, {"data": {"_entities": [{"stars": 1.5}]}}])
    failed = {"data": {"_entities": [{"price": None}]}, "errors": [{"message": "x", "path": ["_entities", 0, "price"]}]}
    await run(
        '{ product(sku: "p1") { stars } }',
        {"products": products, "reviews": Saying([failed])},
        plan=QueryPlan(Sequence((ROOT, price, stars))),
    )
    assert products.bodies[1]["variables"] == {"representations": [product("p1", price=None)]}


async def test_a_fetch_that_succeeds_wins_over_one_that_failed_beside_it():
    both = Parallel((Fetch("reviews", "{latest{body}}"), Fetch("products", "{latest{body}}")))
    answer = {"data": {"latest": {"body": "b"}}}
    for broken, whole in (("products", "reviews"), ("reviews", "products")):
        transports = {broken: Saying([b"down"]), whole: Saying([answer])}
        result = await run("{ latest { body } }", transports, plan=QueryPlan(both))
        assert result.data == {"latest": {"body": "b"}}
