"""Why and for whom: the caller's recorded statements in the `X-Leds-*` headers (names as in the published LEDS client)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RequestContext:
    """The statements of one request. `reason` is the code (`0`–`9`), `purpose` a code of `lawful_purposes`."""

    session_id: str
    correlation_id: str
    system_name: str
    application_datetime: str
    reason: str
    reason_text: str
    purpose: str
    justification: str
    activity_code: str
    action_code: str
    activity_flow_id: str
    reference: str | None = None
    on_behalf_of: str | None = None
    geolocation: str | None = None
    page_title: str | None = None
