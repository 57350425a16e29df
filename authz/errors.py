"""The coded errors of access control: each has a stable code, an HTTP status and advice; none holds a governed value.

Codes are never reused. `AUTHZ_ERRORS` is the registry the error page is generated from.
"""

from schema.errors import CodedError, InternalError


class TokenError(CodedError):
    """The caller's identity could not be established (401)."""

    status = 401


class TokenMissing(TokenError):
    """A governed request without `Authorization: Bearer`."""

    code = "TOKEN_MISSING"
    advice = "Send `Authorization: Bearer <access token>`; `leds token PERSONA` prints one for the demo."


class TokenMalformed(TokenError):
    """No signed JWT with the claims this service needs."""

    code = "TOKEN_MALFORMED"
    advice = "Send one signed JWT access token (RFC 9068) whose claims are those of authz/tokens.py."


class TokenExpired(TokenError):
    """An access token past its `exp`."""

    code = "TOKEN_EXPIRED"
    advice = "Fetch a new token from the issuer and repeat the request."


class TokenNotYetValid(TokenError):
    """An access token before its `nbf` or `iat`."""

    code = "TOKEN_NOT_YET_VALID"
    advice = "Check the clocks of the issuer and of this service."


class TokenUntrusted(TokenError):
    """An access token of another issuer, audience, key or algorithm."""

    code = "TOKEN_UNTRUSTED"
    advice = "Use a token of the configured issuer, made for this service and signed with one of its published keys."


class KeysUnavailable(CodedError):
    """The issuer's keys could not be read, so no token can be checked (503)."""

    code = "TOKEN_KEYS_UNAVAILABLE"
    status = 503
    advice = "Retry later; if it persists, check that the issuer's discovery document and JWKS can be reached."


class OrganisationRefused(CodedError):
    """The token names an organisation, kind or agreement that the organisation directory does not confirm (403)."""

    code = "ORGANISATION_REFUSED"
    status = 403
    advice = "Ask the organisation's administrator to check its entry and agreement in the directory."


class ContextIncomplete(CodedError):
    """Required `X-Leds-*` headers are missing (P01); `details` name every missing and every malformed one."""

    code = "CONTEXT_INCOMPLETE"
    advice = "Send every header named in `missing`; what a reason needs is listed in reason_codes.csv."


class ContextInvalid(CodedError):
    """`X-Leds-*` headers are malformed (P01); `details` name every one."""

    code = "CONTEXT_INVALID"
    advice = "Correct every header named in `invalid`."


class ContextContradictsToken(CodedError):
    """A header says something else than the access token (P01, P04)."""

    code = "CONTEXT_CONTRADICTS_TOKEN"
    status = 403
    advice = "Send what the token says, or fetch a token for the system and person that make the request."


class PolicyUnavailable(CodedError):
    """A policy could not be evaluated, so what it decides on is refused (503): this says nothing of the caller."""

    code = "POLICY_UNAVAILABLE"
    status = 503
    advice = (
        "Nothing was shown. Tell the service desk: the alarm names the policy that failed, which has to be corrected."
    )


class AccessDenied(CodedError):
    """A coordinate the caller may not read; `details` name the policy, what is missing and whom to ask."""

    code = "ACCESS_DENIED"
    status = 403


class EnumerationStopped(CodedError):
    """The caller goes through records one by one (P14): the request is refused whole, and supervisors are told."""

    code = "ENUMERATION_STOPPED"
    status = 403
    advice = (
        "Ask for the records your case names; a list of many is an extract by the reporting tool, with an approver."
    )

    def __init__(self, message: str) -> None:
        super().__init__(message, details={"policies": ["P14"]})


class WildcardRefused(CodedError):
    """A name or an identifier with a wildcard in it (P14): records are asked for by what is known of them."""

    code = "WILDCARD_REFUSED"
    advice = "Send the whole identifier; a name search already finds other spellings and sounds (`match`)."

    def __init__(self, message: str) -> None:
        super().__init__(message, details={"policies": ["P14"]})


class AgreementCapReached(CodedError):
    """The organisation's users or requests of the day are as many as its agreement allows (P03)."""

    code = "AGREEMENT_CAP_REACHED"
    status = 403
    advice = "Ask again tomorrow (UTC), or ask the owner of the agreement for another cap."

    def __init__(self, message: str) -> None:
        super().__init__(message, details={"policies": ["P03"]})


class TallyUnavailable(CodedError):
    """It cannot be told what was asked lately: nothing is answered (P14)."""

    code = "TALLY_UNAVAILABLE"
    status = 503
    advice = "Start the Redis or Valkey server of `bulk.url`; nothing is answered without it."


class GrantError(CodedError):
    """A subgraph request without a valid grant of the gateway (401)."""

    status = 401
    advice = "Subgraphs answer the gateway only: send the request to the gateway."


class GrantMissing(GrantError):
    """A subgraph was asked without the gateway's signed grant."""

    code = "GRANT_MISSING"


class GrantMalformed(GrantError):
    """A grant whose headers or parameters are not the required ones."""

    code = "GRANT_MALFORMED"


class GrantUntrusted(GrantError):
    """A grant that no known key signed for this subgraph and body."""

    code = "GRANT_UNTRUSTED"


class GrantStale(GrantError):
    """A grant outside its few seconds of life, or of an expired token."""

    code = "GRANT_STALE"
    advice = "Check the clocks of gateway and subgraph; a grant is valid for seconds."


class GrantReplayed(GrantError):
    """A grant whose nonce was used before."""

    code = "GRANT_REPLAYED"


class NoncesUnavailable(GrantError):
    """It cannot be told whether a grant was used before: it is refused."""

    code = "GRANT_NONCES_UNAVAILABLE"
    status = 503
    advice = "Start the Redis or Valkey server of `nonces.url`; nothing is answered without it."


class ReplyUntrusted(CodedError):
    """A subgraph's reply that its key did not sign for this request: nothing of it is used."""

    code = "REPLY_UNTRUSTED"
    status = 502
    advice = "Check that gateway and subgraph have the same keys and that nothing between them changes replies."


class NoSigningKey(CodedError):
    """Every key of a subgraph is over or not yet good: nothing can be asked of it, and it can answer nothing."""

    code = "NO_SIGNING_KEY"
    status = 503
    advice = "Run `leds keys rotate SUBGRAPH`."


class InvalidFacts(InternalError):
    """The access tables contradict each other or name what does not exist: the service refuses to start."""

    code = "INVALID_ACCESS_FACTS"


class InvalidFactChange(CodedError):
    """A change of access facts that names what does not exist, or makes no sense: nothing is written."""

    code = "FACT_CHANGE_INVALID"
    advice = "`leds access list` shows what there is; each command's `--help` says what it takes."


class FactChangeConflict(CodedError):
    """Somebody else changed the access facts meanwhile: nothing is written."""

    code = "FACT_CHANGE_CONFLICT"
    status = 409
    advice = "Look at `leds access log` and run the command again."


class FactsUnavailable(CodedError):
    """It cannot be told whether access facts were changed, so nothing is decided by those known."""

    code = "ACCESS_FACTS_UNAVAILABLE"
    status = 503
    advice = "Start the server of `access.url`, or make the file of changes under LEDS_HOME readable again."


class FactsRewritten(FactsUnavailable):
    """The kept changes of access facts are not those that were taken up before, with more at their end."""

    code = "ACCESS_FACTS_REWRITTEN"
    advice = "Put back the changes as they were, from a copy: they are only ever added to."


class FactsBehind(CodedError):
    """A subgraph that cannot see the access facts its gateway decided by: it answers nothing."""

    code = "ACCESS_FACTS_BEHIND"
    status = 503
    advice = "Give gateway and subgraphs the same `access.url`, or the same LEDS_HOME."


class AccessWidened(CodedError):
    """Rules that let somebody read more than was approved: no gateway starts with them, and a reload
    leaves what held before."""

    code = "ACCESS_WIDENED"
    status = 500
    advice = "Have it assessed, then sign it: `leds access approve --config FILE --by … --because …`; then reload."


class UnknownAlert(CodedError):
    """An alert that is not there, or that somebody has seen to already."""

    code = "ALERT_UNKNOWN"
    advice = "`leds alerts list` shows the alerts that are waiting, with their audit ids."


class AlertsUnreadable(CodedError):
    """A log of alerts holds an alert that does not say what an alert says."""

    code = "ALERTS_UNREADABLE"
    status = 500
    advice = "Keep the files as they are and run `leds audit verify`: it names the first bad leaf."


class InvalidRules(InternalError):
    """The access directives of the subgraphs cannot be read or contradict each other: the service refuses to start."""

    code = "INVALID_ACCESS_RULES"


class InvalidMisuseFeed(CodedError):
    """A feed of the misuse rules that is not as `docs/feeds.md` has it; `problems` name lines and columns."""

    code = "MISUSE_FEED_INVALID"
    advice = "Correct the lines that are named, or have the system that wrote the file do so; nothing was read from it."


class InvalidMisuseRules(InternalError):
    """The table of misuse rules is malformed."""

    code = "INVALID_MISUSE_RULES"


class UnknownSignal(CodedError):
    """No misuse signal has this id."""

    code = "MISUSE_SIGNAL_UNKNOWN"
    status = 404
    advice = "`leds misuse list --all` shows every signal with its id."


class OwnSignal(CodedError):
    """Somebody wants to decide on a misuse signal about themselves."""

    code = "MISUSE_OWN_SIGNAL"
    status = 403
    advice = "Have somebody else decide: a supervisor, or professional standards."


class MisuseQueueUnusable(CodedError):
    """The review queue of misuse signals cannot be read or written."""

    code = "MISUSE_QUEUE_UNUSABLE"
    status = 500
    advice = "Check the file misuse.sqlite under LEDS_HOME, its permissions and the space that is left."


class InvalidPolicies(InternalError):
    """The Cedar policies do not parse, do not fit their schema or share an id: the service refuses to start."""

    code = "INVALID_ACCESS_POLICIES"


class InvalidAccessTable(CodedError):
    """A kept access table that cannot be read, so nothing can be compared with it."""

    code = "INVALID_ACCESS_TABLE"
    status = 500
    advice = "Write it again with `leds access table --out FILE`, from the state that was approved."


AUTHZ_ERRORS: tuple[type[CodedError], ...] = (
    TokenMissing,
    TokenMalformed,
    TokenExpired,
    TokenNotYetValid,
    TokenUntrusted,
    KeysUnavailable,
    OrganisationRefused,
    ContextIncomplete,
    ContextInvalid,
    ContextContradictsToken,
    AccessDenied,
    EnumerationStopped,
    WildcardRefused,
    AgreementCapReached,
    TallyUnavailable,
    GrantMissing,
    GrantMalformed,
    GrantUntrusted,
    GrantStale,
    GrantReplayed,
    NoncesUnavailable,
    ReplyUntrusted,
    NoSigningKey,
    InvalidFacts,
    FactsUnavailable,
    FactsRewritten,
    FactsBehind,
    InvalidRules,
    InvalidPolicies,
    InvalidMisuseRules,
)
