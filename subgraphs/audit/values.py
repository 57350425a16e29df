"""Value types of the ledger: what was shown of a record, what was refused, who received, what was asked."""

from authz.audit.leaf import Operation, Refusal
from authz.audit.leaf import Recipient as Received
from authz.audit.parts import Subject
from resolvers.audit.events import Row, subject_of
from subgraphs.coded import CodedValue, coded_value
from subgraphs.request import RequestInfo, SubgraphRequest
from subgraphs.tags import value_type


@value_type
class ShownForm:
    """What was shown of a record from one dataset in one form, and the policies that led there."""

    dataset: str | None
    form: str | None
    fields: list[str] | None
    policy_ids: list[str] | None


@value_type
class SubjectAccess:
    """A record that a request showed. `keyHash` is a name for it that only the reader's organisation can compare."""

    type: str | None
    key_hash: str | None
    event_type: CodedValue | None
    forms: list[ShownForm] | None


@value_type
class AccessRefusal:
    """A coordinate that was not given in full, the form that was decided instead, and the policies."""

    coordinate: str | None
    form: str | None
    dataset: str | None
    policy_ids: list[str] | None


@value_type
class Recipient:
    """To whom something was disclosed; `transfer` when outside the United Kingdom."""

    organisation_id: str | None
    transfer: bool | None


@value_type
class AuditedVariable:
    """A leaf of the variables by its path; text that may be personal is a keyed hash."""

    path: str
    value: str | None


@value_type
class AuditedOperation:
    """What was asked: the operation's name, the hash of its document, its id where it is registered, its variables."""

    name: str | None
    hash: str | None
    document: str | None
    variables: list[AuditedVariable] | None


def subject_access(row: Row, info: RequestInfo) -> SubjectAccess:
    """The record shown that a row of the ledger's subjects holds."""
    return shown_subject(subject_of(row), info.context)


def shown_subject(subject: Subject, request: SubgraphRequest) -> SubjectAccess:
    """A record shown, named anew for the reader's organisation."""
    return SubjectAccess(
        type=subject.type,
        key_hash=request.pseudonyms.of(subject.key_hash),
        event_type=coded_value(request.catalogue, "audit_event_types", subject.event_type),
        forms=[
            ShownForm(dataset=form.dataset, form=form.form, fields=list(form.fields), policy_ids=list(form.policies))
            for form in subject.forms
        ],
    )


def access_refusal(refusal: Refusal) -> AccessRefusal:
    """A refusal as the ledger keeps it."""
    return AccessRefusal(
        coordinate=refusal.coordinate, form=refusal.form, dataset=refusal.dataset, policy_ids=list(refusal.policies)
    )


def recipients(received: Received | None) -> list[Recipient]:
    """Who received what was disclosed."""
    return [] if received is None else [Recipient(organisation_id=received.organisation, transfer=received.transfer)]


def audited_operation(operation: Operation | None, request: SubgraphRequest) -> AuditedOperation | None:
    """What was asked; hashes of texts are named anew for the reader's organisation, like those of subjects."""
    if operation is None:
        return None
    variables = [AuditedVariable(path=each.path, value=_variable(each.value, request)) for each in operation.variables]
    return AuditedOperation(name=operation.name, hash=operation.hash, document=operation.document, variables=variables)


def _variable(value: str | int | bool | None, request: SubgraphRequest) -> str | None:
    if value is None:
        return None
    if isinstance(value, str):
        return request.pseudonyms.of(value) if value.startswith("h:") else value
    return str(value).lower()
