"""Every identifier of the graph: validating, normalising, with its check rule (entities section 2). Does no I/O."""

from collections.abc import Mapping
from types import MappingProxyType

from schema.identifiers.address import POSTCODE, outward_code
from schema.identifiers.codes import COURT_CODE, FS_CODE, OFFENCE_CODE_CJS, OFFENCE_CODE_NPCC
from schema.identifiers.dates import PARTIAL_DATE, YEAR_MONTH, partial_date_bounds, partial_date_contains
from schema.identifiers.device import IMEI
from schema.identifiers.driver import DRIVER_NUMBER, driver_number_conflicts, driver_number_parts
from schema.identifiers.identifier import Identifier, InvalidIdentifier, Validity
from schema.identifiers.person import ASN, COURT_CASE_REFERENCE, CRO_NUMBER, NINO, PERSON_URN, is_dummy_asn
from schema.identifiers.vehicle import FLEET_NUMBER, FOREIGN_PLATE, VIN, VRM, vin_check_digit_agrees, vrm_formats

IDENTIFIERS: Mapping[str, Identifier] = MappingProxyType(
    {
        identifier.name: identifier
        for identifier in (
            PERSON_URN,
            CRO_NUMBER,
            ASN,
            COURT_CASE_REFERENCE,
            FS_CODE,
            COURT_CODE,
            OFFENCE_CODE_CJS,
            OFFENCE_CODE_NPCC,
            DRIVER_NUMBER,
            VRM,
            FOREIGN_PLATE,
            VIN,
            FLEET_NUMBER,
            NINO,
            POSTCODE,
            IMEI,
            PARTIAL_DATE,
            YEAR_MONTH,
        )
    }
)

__all__ = [
    "ASN",
    "COURT_CASE_REFERENCE",
    "COURT_CODE",
    "CRO_NUMBER",
    "DRIVER_NUMBER",
    "FLEET_NUMBER",
    "FOREIGN_PLATE",
    "FS_CODE",
    "IDENTIFIERS",
    "IMEI",
    "NINO",
    "OFFENCE_CODE_CJS",
    "OFFENCE_CODE_NPCC",
    "PARTIAL_DATE",
    "PERSON_URN",
    "POSTCODE",
    "VIN",
    "VRM",
    "YEAR_MONTH",
    "Identifier",
    "InvalidIdentifier",
    "Validity",
    "driver_number_conflicts",
    "driver_number_parts",
    "is_dummy_asn",
    "outward_code",
    "partial_date_bounds",
    "partial_date_contains",
    "vin_check_digit_agrees",
    "vrm_formats",
]
