"""Reading GraphQL over HTTP: what is a request, what is refused, with which code."""

import json
from urllib.parse import urlencode

import pytest

from gateway.documents.request import HttpRequest, read_request
from schema.errors import CodedError

JSON = {"content-type": "application/json"}


def post(body: object, headers: dict[str, str] = JSON) -> HttpRequest:
    return HttpRequest("POST", headers, "", body if isinstance(body, bytes) else json.dumps(body).encode())


@pytest.mark.parametrize("name", ["operationName", "variables", "extensions"])
def test_null_is_the_same_as_absent(name):
    assert read_request(post({"query": "{a}", name: None})) == read_request(post({"query": "{a}"}))


def test_reads_every_member():
    asked = read_request(post({"query": "{a}", "operationName": "A", "variables": {"b": [1]}, "extensions": {}}))
    assert (asked.query, asked.operation_name, dict(asked.variables)) == ("{a}", "A", {"b": [1]})


def test_reads_url_parameters():
    query = urlencode({"query": "{é}", "variables": '{"a": 1}', "operationName": "A", "extensions": ""})
    asked = read_request(HttpRequest("GET", {}, query))
    assert (asked.query, asked.operation_name, dict(asked.variables)) == ("{é}", "A", {"a": 1})


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"', "application/json;x=1"],
)
def test_accepts_json_in_utf8(content_type):
    assert read_request(post({"query": "{a}"}, {"content-type": content_type})).query == "{a}"


REFUSED = {
    "no body": (post(b""), "MALFORMED_JSON"),
    "broken JSON": (post(b'{"query": "{a}"'), "MALFORMED_JSON"),
    "bytes that are not UTF-8": (post(b'{"query": "\xff"}'), "MALFORMED_JSON"),
    "endless nesting": (post(b"[" * 100_000), "MALFORMED_JSON"),
    "a list": (post([{"query": "{a}"}]), "MALFORMED_REQUEST"),
    "a string": (post("{a}"), "MALFORMED_REQUEST"),
    "no query": (post({}), "MALFORMED_REQUEST"),
    "a query that is a number": (post({"query": 1}), "MALFORMED_REQUEST"),
    "a query that is an object": (post({"query": {}}), "MALFORMED_REQUEST"),
    "variables that are a list": (post({"query": "{a}", "variables": []}), "MALFORMED_REQUEST"),
    "variables that are text": (post({"query": "{a}", "variables": "{}"}), "MALFORMED_REQUEST"),
    "an operation name that is a number": (post({"query": "{a}", "operationName": 1}), "MALFORMED_REQUEST"),
    "extensions that are text": (post({"query": "{a}", "extensions": "x"}), "MALFORMED_REQUEST"),
    "a persisted query": (post({"extensions": {"persistedQuery": {"version": 1}}}), "PERSISTED_QUERY_NOT_SUPPORTED"),
    "no content type": (post({"query": "{a}"}, {}), "UNSUPPORTED_MEDIA_TYPE"),
    "a form": (post(b"query=%7Ba%7D", {"content-type": "application/x-www-form-urlencoded"}), "UNSUPPORTED_MEDIA_TYPE"),
    "plain text": (post({"query": "{a}"}, {"content-type": "text/plain"}), "UNSUPPORTED_MEDIA_TYPE"),
    "another charset": (
        post({"query": "{a}"}, {"content-type": "application/json; charset=latin-1"}),
        "UNSUPPORTED_MEDIA_TYPE",
    ),
    "a second charset": (
        post({"query": "{a}"}, {"content-type": "application/json; charset=utf-8; charset=utf-7"}),
        "UNSUPPORTED_MEDIA_TYPE",
    ),
    "a charset with space around": (
        post({"query": "{a}"}, {"content-type": "application/json; charset = utf-16"}),
        "UNSUPPORTED_MEDIA_TYPE",
    ),
    "PUT": (HttpRequest("PUT", JSON, "", b"{}"), "METHOD_NOT_ALLOWED"),
    "GET without query": (HttpRequest("GET", {}, ""), "MALFORMED_REQUEST"),
    "GET with broken variables": (HttpRequest("GET", {}, "query=%7Ba%7D&variables=x"), "MALFORMED_JSON"),
    "GET with variables that are a list": (
        HttpRequest("GET", {}, "query=%7Ba%7D&variables=%5B%5D"),
        "MALFORMED_REQUEST",
    ),
    "GET with a form's media type": (
        HttpRequest("GET", {"content-type": "application/x-www-form-urlencoded"}, "query=%7Ba%7D"),
        "UNSUPPORTED_MEDIA_TYPE",
    ),
    "GET with the media type of plain text": (
        HttpRequest("GET", {"content-type": "text/plain", "sec-fetch-site": "cross-site"}, "query=%7Ba%7D"),
        "UNSUPPORTED_MEDIA_TYPE",
    ),
    "GET that is not UTF-8": (HttpRequest("GET", {}, "query=%ff"), "MALFORMED_REQUEST"),
    "GET of another site's page": (
        HttpRequest("GET", {"sec-fetch-site": "cross-site"}, "query=%7Ba%7D"),
        "CROSS_SITE_REQUEST",
    ),
    "GET of a sibling site's page": (
        HttpRequest("GET", {"sec-fetch-site": "same-site"}, "query=%7Ba%7D"),
        "CROSS_SITE_REQUEST",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refuses(case):
    http, code = REFUSED[case]
    with pytest.raises(CodedError) as refused:
        read_request(http)
    assert refused.value.code == code
    assert refused.value.advice


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "same-origin"}, {"sec-fetch-site": "cross-site", "apollo-require-preflight": "1"}, {}],
)
def test_a_get_that_no_foreign_page_could_send_is_read(headers):
    assert read_request(HttpRequest("GET", headers, "query=%7Ba%7D")).query == "{a}"
