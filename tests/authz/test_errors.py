"""The registry of access errors: stable, distinct, with a next step, and silent about our own faults."""

from authz.errors import AUTHZ_ERRORS, AccessDenied, TokenMissing
from schema.errors import InternalError


def test_every_code_is_used_once():
    codes = [error.code for error in AUTHZ_ERRORS]
    assert len(codes) == len(set(codes))


def test_every_error_a_client_sees_says_what_to_do_next():
    visible = [error for error in AUTHZ_ERRORS if not issubclass(error, InternalError) and error is not AccessDenied]
    assert [error.code for error in visible if not error.advice] == []
    assert {error.status for error in visible} == {400, 401, 403, 502, 503}


def test_a_fault_of_ours_tells_the_client_nothing():
    for error in AUTHZ_ERRORS:
        if issubclass(error, InternalError):
            assert "secret" not in str(error("secret", details={"secret": "secret"}).formatted())


def test_an_error_formats_as_one_of_a_response():
    assert TokenMissing("None.", details={"a": 1}).formatted() == {
        "message": "None.",
        "extensions": {"code": "TOKEN_MISSING", "advice": TokenMissing.advice, "a": 1},
    }
