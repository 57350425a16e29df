"""The registry of composition hints: remarks about inconsistencies that do not prevent composition."""

from dataclasses import dataclass

from gateway.composition.location import Location

LEVELS = {
    "WARN": (
        "CONTRACT_TAG_UNUSED",
        "DIRECTIVE_COMPOSITION_WARN",
        "FROM_SUBGRAPH_DOES_NOT_EXIST",
        "INCONSISTENT_ARGUMENT_PRESENCE",
        "INCONSISTENT_DEFAULT_VALUE_PRESENCE",
        "INCONSISTENT_DESCRIPTION",
        "INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM",
        "INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS",
        "INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE",
        "INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE",
        "INCONSISTENT_INPUT_OBJECT_FIELD",
        "INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS",
        "INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN",
        "NO_EXECUTABLE_DIRECTIVE_INTERSECTION",
    ),
    "INFO": (
        "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS",
        "DIRECTIVE_COMPOSITION_INFO",
        "IMPLICITLY_UPGRADED_FEDERATION_VERSION",
        "INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE",
        "INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE",
        "INCONSISTENT_ENTITY",
        "MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS",
        "OVERRIDDEN_FIELD_CAN_BE_REMOVED",
        "OVERRIDE_DIRECTIVE_CAN_BE_REMOVED",
        "OVERRIDE_MIGRATION_IN_PROGRESS",
    ),
    "DEBUG": (
        "INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM",
        "INCONSISTENT_INTERFACE_VALUE_TYPE_FIELD",
        "INCONSISTENT_OBJECT_VALUE_TYPE_FIELD",
        "INCONSISTENT_UNION_MEMBER",
        "UNUSED_ENUM_TYPE",
    ),
}
LEVEL_OF = {code: level for level, codes in LEVELS.items() for code in codes}


@dataclass(frozen=True, slots=True)
class Hint:
    """One remark: its code is in `LEVEL_OF`, its coordinate is the element spoken of, or empty."""

    code: str
    message: str
    coordinate: str = ""
    locations: tuple[Location, ...] = ()

    @property
    def level(self) -> str:
        """WARN, INFO or DEBUG."""
        return LEVEL_OF[self.code]
