"""Request parameters in, one value per name out: OAuth allows no parameter twice (RFC 6749 section 3.1)."""

from collections.abc import Iterable
from urllib.parse import parse_qsl

from leds.issuer.errors import InvalidRequest

MAX_BODY = 16 * 1024
MAX_FIELDS = 50


def single_values(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The non-empty parameters. Raises InvalidRequest when one is given twice."""
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            raise InvalidRequest("A parameter is given more than once.", advice="Give each parameter once.")
        found[name] = value
    return {name: value for name, value in found.items() if value}


def form_values(content_type: str, body: bytes) -> dict[str, str]:
    """The parameters of a form body. Raises InvalidRequest for another content type or what is no such form."""
    if content_type.partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise InvalidRequest("The body is no form.", advice="Send application/x-www-form-urlencoded.")
    try:
        text = body.decode("ascii")
        pairs = parse_qsl(text, True, True, errors="strict", max_num_fields=MAX_FIELDS) if text else []
    except ValueError as error:
        raise InvalidRequest("The form cannot be read.", advice="Percent-encode UTF-8 text.") from error
    return single_values(pairs)


def required(parameters: dict[str, str], name: str) -> str:
    """The value of `name`. Raises InvalidRequest naming it when it is missing."""
    if name not in parameters:
        raise InvalidRequest(f"The parameter {name} is missing.")
    return parameters[name]
