"""The entry point to intelligence: a report's id. Nothing of PND is searched by name here."""

from typing import Annotated

import strawberry

from resolvers.intelligence import loaders
from subgraphs.intelligence.types import REPORTS, IntelReport
from subgraphs.records import governed_type, resolved
from subgraphs.request import RequestInfo
from subgraphs.tags import dataset_tag, reads


async def _intel_report(
    info: RequestInfo, id: Annotated[strawberry.ID, reads("IntelReport.intelReportId")]
) -> IntelReport | None:
    row = await info.context.loading.row(loaders.REPORT, id)
    return None if row is None else IntelReport(row=row)


@governed_type()
class Query:
    """Where questions about intelligence begin."""

    intel_report: IntelReport | None = resolved(_intel_report, tag=dataset_tag(REPORTS))
