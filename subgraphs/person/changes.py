"""Adding a disposal to an offence: accepted, pending on the offence until it is carried out, and its status after."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

import strawberry
from strawberry import federation

from resolvers.changes.disposals import (
    DisposalRequest,
    NewDisposal,
    changes_by_id,
    pending_of_offences,
    request_disposal,
    validate,
)
from resolvers.loading import Lookup
from schema.directives import Open
from schema.scalars import Amount, FsCode
from subgraphs.changes import ChangeState, writing_for
from subgraphs.coded import CodedValue
from subgraphs.records import Record, coded, column, governed_field, governed_type, value
from subgraphs.relay import given
from subgraphs.request import RequestInfo
from subgraphs.tags import OPEN, dataset_tag, reads

CRIM = dataset_tag("PNC.NAMES.CRIM")
CHANGE = Lookup(changes_by_id, "request_id")
PENDING_CHANGE = Lookup(pending_of_offences, "offence_id")


@strawberry.input
class DisposalInput:
    """A result to record: codes of the lists disposal_codes, disposal_qualifiers (at most four) and duration_unit."""

    disposal_code: str = federation.field(directives=[Open()])
    qualifiers: list[str] | None = federation.field(directives=[Open()], default=strawberry.UNSET)
    duration_unit: str | None = federation.field(directives=[Open()], default=strawberry.UNSET)
    duration_count: int | None = federation.field(directives=[Open()], default=strawberry.UNSET)
    fine_amount: Amount | None = federation.field(directives=[Open()], default=strawberry.UNSET)
    effective_date: date | None = federation.field(directives=[Open()], default=strawberry.UNSET)
    text: str | None = federation.field(directives=[Open()], default=strawberry.UNSET)

    def recorded(self) -> NewDisposal:
        """The result as it is written."""
        amount = given(self.fine_amount)
        return NewDisposal(
            disposal_code=self.disposal_code,
            qualifiers=tuple(given(self.qualifiers) or ()),
            duration_unit=given(self.duration_unit),
            duration_count=given(self.duration_count),
            fine_amount=None if amount is None else Decimal(amount),
            effective_date=given(self.effective_date),
            text=given(self.text),
        )


@governed_type(subject=("person_id", "Person"))
class DisposalChange(Record):
    """A disposal somebody asked to have recorded. ACCEPTED: pending, not on the record yet."""

    request_id: strawberry.ID | None = column(tag=CRIM)
    person_id: strawberry.ID | None = column(internal=True, tag=CRIM)
    offence_id: strawberry.ID | None = column(tag=CRIM)
    state: ChangeState | None = value(lambda row, _info: ChangeState(row["state"]), tag=CRIM)
    disposal_code: CodedValue | None = coded("disposal_codes", tag=CRIM)
    fs_code_making_change: FsCode | None = column("fs_code", tag=CRIM)
    accepted_at: datetime | None = column(tag=CRIM)
    completed_at: datetime | None = column(tag=CRIM)
    refused_by: str | None = column(tag=CRIM)


async def pending_change(root: Record, info: RequestInfo) -> DisposalChange | None:
    """The change that an offence waits for."""
    row = await info.context.loading.row(PENDING_CHANGE, root.row["offence_id"])
    return None if row is None else DisposalChange(row=row)


async def disposal_change(
    info: RequestInfo, request_id: Annotated[strawberry.ID, reads("DisposalChange.requestId")]
) -> DisposalChange | None:
    """How far a requested disposal is."""
    row = await info.context.loading.row(CHANGE, str(request_id))
    return None if row is None else DisposalChange(row=row)


@governed_type()
class Mutation:
    """What may be changed in the person product."""

    @governed_field(tag=CRIM)
    async def add_disposal(  # noqa: PLR0913 - one parameter for each argument of the field
        self,
        info: RequestInfo,
        fs_code_making_change: Annotated[FsCode, OPEN],
        check_name: Annotated[str, reads("Person.filedName")],
        version: Annotated[str, reads("ArrestReport.version")],
        offence: Annotated[strawberry.ID, reads("Offence.offenceId")],
        disposal: DisposalInput,
        idempotency_key: Annotated[strawberry.ID, OPEN],
    ) -> DisposalChange | None:
        """Ask for a disposal to be recorded on an offence; `version` is that of its arrest report, `checkName` the
        first 12 letters of the filed surname. The same `idempotencyKey` (8 to 64 characters) is the same request."""
        key = str(idempotency_key)
        asked = DisposalRequest(fs_code_making_change, check_name, version, str(offence), disposal.recorded())
        validate(asked, key, info.context.catalogue)
        writer, asker = writing_for(info, key)
        return DisposalChange(row=await request_disposal(writer, asked, asker))
