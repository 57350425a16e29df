"""The registry of composition error codes, named as in the Federation specification, and the error raised."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.composition.hints import Hint
from gateway.composition.location import Location
from schema.errors import CodedError


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """What a code means, and the Federation version that introduced it (0.x: Federation 1)."""

    meaning: str
    since: str = "2.0.0"


def _fields_codes() -> dict[str, ErrorCode]:
    """The codes that @key, @provides and @requires share."""
    codes: dict[str, ErrorCode] = {}
    for directive in ("KEY", "PROVIDES", "REQUIRES"):
        shown = f"@{directive.lower()}"
        codes |= {
            f"{directive}_FIELDS_HAS_ARGS": ErrorCode(f"The `fields` of a {shown} select a field that has arguments."),
            f"{directive}_DIRECTIVE_IN_FIELDS_ARG": ErrorCode(
                f"The `fields` of a {shown} contain directive applications.", "2.1.0"
            ),
            f"{directive}_INVALID_FIELDS": ErrorCode(f"The `fields` of a {shown} are not valid on its type."),
            f"{directive}_INVALID_FIELDS_TYPE": ErrorCode(f"The `fields` of a {shown} are not a string."),
            f"{directive}_UNSUPPORTED_ON_INTERFACE": ErrorCode(f"A {shown} stands where interfaces do not support it."),
        }
        if directive != "KEY":
            codes[f"{directive}_FIELDS_MISSING_EXTERNAL"] = ErrorCode(
                f"The `fields` of a {shown} select a field that is not @external.", "0.x"
            )
    return codes


CODES: dict[str, ErrorCode] = {
    **_fields_codes(),
    "AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE": ErrorCode(
        "@authenticated, @requiresScopes or @policy stands on an interface, an interface field or an interface object.",
        "2.9.4",
    ),
    "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS": ErrorCode(
        "An argument is contextual in one subgraph and required from the caller in another.", "2.7.0"
    ),
    "CONTEXT_INVALID_SELECTION": ErrorCode("The selection of a @fromContext is not valid.", "2.8.0"),
    "CONTEXT_NAME_INVALID": ErrorCode("The name of a @context is not valid.", "2.8.0"),
    "CONTEXT_NO_RESOLVABLE_KEY": ErrorCode("A type with a contextual argument has no resolvable key.", "2.8.0"),
    "CONTEXT_NOT_SET": ErrorCode("A @fromContext names a context that is not set where it is used.", "2.8.0"),
    "COST_APPLIED_TO_INTERFACE_FIELD": ErrorCode("@cost stands on an interface field.", "2.9.2"),
    "DEFAULT_VALUE_USES_INACCESSIBLE": ErrorCode("A visible default value uses an @inaccessible element."),
    "DIRECTIVE_COMPOSITION_ERROR": ErrorCode("A directive named by @composeDirective cannot be composed.", "2.1.0"),
    "DIRECTIVE_DEFINITION_INVALID": ErrorCode("A federation directive is defined incompatibly with its specification."),
    "DISALLOWED_INACCESSIBLE": ErrorCode("An element that must stay visible is @inaccessible."),
    "EMPTY_MERGED_ENUM_TYPE": ErrorCode("No value of an enum is common to its subgraphs."),
    "EMPTY_MERGED_INPUT_TYPE": ErrorCode("No field of an input type is common to its subgraphs."),
    "ENUM_VALUE_MISMATCH": ErrorCode("An enum used as input and output does not have the same values everywhere."),
    "EXTENSION_WITH_NO_BASE": ErrorCode("A type is extended but defined nowhere.", "0.x"),
    "EXTERNAL_ARGUMENT_DEFAULT_MISMATCH": ErrorCode("An @external field's argument has another default value."),
    "EXTERNAL_ARGUMENT_MISSING": ErrorCode("An @external field lacks an argument of the real field."),
    "EXTERNAL_ARGUMENT_TYPE_MISMATCH": ErrorCode("An @external field's argument has an incompatible type."),
    "EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE": ErrorCode("@external stands beside a directive it excludes.", "2.1.0"),
    "EXTERNAL_MISSING_ON_BASE": ErrorCode("A field is @external in every subgraph that has it.", "0.x"),
    "EXTERNAL_ON_INTERFACE": ErrorCode("@external stands on an interface field."),
    "EXTERNAL_TYPE_MISMATCH": ErrorCode("An @external field has an incompatible type.", "0.x"),
    "EXTERNAL_UNUSED": ErrorCode("An @external field is used by no directive and no interface.", "0.x"),
    "FIELD_ARGUMENT_DEFAULT_MISMATCH": ErrorCode("An argument has different default values."),
    "FIELD_ARGUMENT_TYPE_MISMATCH": ErrorCode("An argument has incompatible types."),
    "FIELD_TYPE_MISMATCH": ErrorCode("A field has incompatible types.", "0.x"),
    "IMPLEMENTED_BY_INACCESSIBLE": ErrorCode("A visible interface field is implemented by an @inaccessible field."),
    "INPUT_FIELD_DEFAULT_MISMATCH": ErrorCode("An input field has different default values."),
    "INTERFACE_FIELD_NO_IMPLEM": ErrorCode("A type lacks a field of an interface it implements in another subgraph."),
    "INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE": ErrorCode(
        "A subgraph has a @key on an interface but not all of its implementation types.", "2.3.0"
    ),
    "INTERFACE_KEY_NOT_ON_IMPLEMENTATION": ErrorCode(
        "A @key of an interface is not on each of its implementation types.", "2.3.0"
    ),
    "INTERFACE_OBJECT_USAGE_ERROR": ErrorCode("@interfaceObject is used where it cannot be.", "2.3.0"),
    "INVALID_FIELD_SHARING": ErrorCode("A field that is not @shareable is resolved by several subgraphs."),
    "INVALID_GRAPHQL": ErrorCode("The schema breaks the GraphQL specification.", "0.x"),
    "INVALID_LINK_DIRECTIVE_USAGE": ErrorCode("A @link is used where it cannot be."),
    "INVALID_LINK_IDENTIFIER": ErrorCode("The URL or version of a @link is malformed.", "2.1.0"),
    "INVALID_SHAREABLE_USAGE": ErrorCode("@shareable is used where it cannot be.", "2.1.2"),
    "INVALID_SUBGRAPH_NAME": ErrorCode("A subgraph's name is reserved or taken."),
    "KEY_FIELDS_SELECT_INVALID_TYPE": ErrorCode("The `fields` of a @key select an interface or union.", "0.x"),
    "LINK_IMPORT_NAME_MISMATCH": ErrorCode("A directive is imported under different names."),
    "LIST_SIZE_APPLIED_TO_NON_LIST": ErrorCode("@listSize stands on a field that is no list.", "2.9.2"),
    "LIST_SIZE_INVALID_ASSUMED_SIZE": ErrorCode("@listSize(assumedSize:) is negative.", "2.9.2"),
    "LIST_SIZE_INVALID_SIZED_FIELD": ErrorCode("@listSize(sizedFields:) names no list field.", "2.9.2"),
    "LIST_SIZE_INVALID_SLICING_ARGUMENT": ErrorCode("@listSize(slicingArguments:) names no Int argument.", "2.9.2"),
    "MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED": ErrorCode("Satisfiability needs more paths than allowed.", "2.8.0"),
    "MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL": ErrorCode("A merged directive stands on an @external field."),
    "MISSING_TRANSITIVE_AUTH_REQUIREMENTS": ErrorCode(
        "A field reads guarded data through @requires or @fromContext without the same guard.", "2.9.4"
    ),
    "NO_QUERIES": ErrorCode("No subgraph has a query.", "0.x"),
    "NO_CONTEXT_IN_SELECTION": ErrorCode("A @fromContext names no context.", "2.8.0"),
    "ONLY_INACCESSIBLE_CHILDREN": ErrorCode("A visible type has no visible children."),
    "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE": ErrorCode("@override stands beside a directive it excludes."),
    "OVERRIDE_FROM_SELF_ERROR": ErrorCode("@override names its own subgraph."),
    "OVERRIDE_LABEL_INVALID": ErrorCode("The label of an @override is malformed.", "2.7.0"),
    "OVERRIDE_ON_INTERFACE": ErrorCode("@override stands on an interface field.", "2.3.0"),
    "OVERRIDE_SOURCE_HAS_OVERRIDE": ErrorCode("The field an @override takes over is itself an @override."),
    "PROVIDES_ON_NON_OBJECT_FIELD": ErrorCode("@provides stands on a field that has no selections."),
    "QUERY_ROOT_TYPE_INACCESSIBLE": ErrorCode("The query root is @inaccessible."),
    "REFERENCED_INACCESSIBLE": ErrorCode("A visible element refers to an @inaccessible type."),
    "REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH": ErrorCode(
        "An argument is required in one subgraph, absent in another."
    ),
    "REQUIRED_INACCESSIBLE": ErrorCode("A required argument or input field is @inaccessible."),
    "REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH": ErrorCode(
        "An input field is required in one subgraph, absent in another."
    ),
    "ROOT_MUTATION_USED": ErrorCode("A type is called Mutation but is not the mutation root.", "0.x"),
    "ROOT_QUERY_USED": ErrorCode("A type is called Query but is not the query root.", "0.x"),
    "ROOT_SUBSCRIPTION_USED": ErrorCode("A type is called Subscription but is not the subscription root.", "0.x"),
    "SATISFIABILITY_ERROR": ErrorCode("Some query of the supergraph cannot be answered by the subgraphs."),
    "SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES": ErrorCode("A shared field has no runtime type common to its subgraphs."),
    "TYPE_DEFINITION_INVALID": ErrorCode("A federation type is defined incompatibly with its specification."),
    "TYPE_KIND_MISMATCH": ErrorCode("A type has different kinds."),
    "TYPE_WITH_ONLY_UNUSED_EXTERNAL": ErrorCode("A Federation 1 type holds nothing but unused @external fields."),
    "UNKNOWN_FEDERATION_LINK_VERSION": ErrorCode("The federation version linked is not known."),
    "UNKNOWN_LINK_VERSION": ErrorCode("The version of a specification linked is not known.", "2.1.0"),
    "UNSUPPORTED_LINKED_FEATURE": ErrorCode(
        "The schema links a specification for SECURITY or EXECUTION that is not known."
    ),
}
"""Every code composition can report, alphabetical within its group."""


@dataclass(frozen=True, slots=True)
class CompositionError:
    """One reason why the subgraphs do not compose: its code is a key of `CODES`."""

    code: str
    message: str
    locations: tuple[Location, ...] = ()

    def __str__(self) -> str:
        places = "".join(f"\n    at {location}" for location in self.locations)
        return f"{self.code}: {self.message}{places}"


class CompositionFailed(CodedError):
    """The subgraphs do not compose: `errors` are all errors of the first stage that failed."""

    code = "COMPOSITION_FAILED"
    advice = "Correct the subgraphs at the places given, then compose again."

    def __init__(self, errors: Sequence[CompositionError], hints: Sequence[Hint] = ()) -> None:
        super().__init__("\n".join(map(str, errors)))
        self.errors = tuple(errors)
        self.hints = tuple(hints)
