"""The entry point to missing episodes: the national reference."""

from typing import Annotated

from resolvers.missing import loaders
from subgraphs.missing.types import DATASET, MissingReport
from subgraphs.records import governed_type, resolved
from subgraphs.request import RequestInfo
from subgraphs.tags import dataset_tag, reads


async def _missing(info: RequestInfo, ref: Annotated[str, reads("MissingReport.status")]) -> MissingReport | None:
    """The episode with this national reference, which whoever it concerns was given: to look it up tells that there is
    such an episode (its status), and nothing of the reference that the caller did not write."""
    row = await info.context.loading.row(loaders.REPORT_BY_REFERENCE, ref.strip().upper())
    return None if row is None else MissingReport(row=row)


@governed_type()
class Query:
    """Where questions about missing people begin."""

    missing: MissingReport | None = resolved(_missing, tag=dataset_tag(DATASET))
