"""A subgraph's schema: Strawberry federation with entities resolved in batches and every field governed."""

from collections.abc import Iterator, Sequence
from typing import Any, cast

from graphql import GraphQLNonNull, GraphQLObjectType, GraphQLSchema, get_named_type, is_leaf_type
from strawberry import federation
from strawberry.federation.schema_directives import Inaccessible, Key
from strawberry.schema.config import StrawberryConfig
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

from schema.directives import Dataset
from schema.scalars import SCALARS
from subgraphs.cursors import seal_cursors
from subgraphs.entities import EntityTypes, entities_field
from subgraphs.errors import UngovernedSchema
from subgraphs.field_rules import FieldRule, FieldRules
from subgraphs.records import Record
from subgraphs.relay import counter_of
from subgraphs.sealed import leave_out_sealed

FEDERATION_VERSION = "2.11"


class GovernedSchema(federation.Schema):
    """One subgraph's schema. Raises UngovernedSchema for a governed field that a refusal could not leave out."""

    def __init__(
        self,
        query: type,
        types: Sequence[type] = (),
        mutation: type | None = None,
        subscription: type | None = None,
    ) -> None:
        # Strawberry writes the entity union into the annotations of this function: each schema has its own.
        self.entities_resolver = entities_field(lambda: self.entity_types)  # pyright: ignore
        super().__init__(
            query=query,
            mutation=mutation,
            subscription=subscription,
            types=types,
            federation_version=FEDERATION_VERSION,
            config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=True),
        )
        seal_cursors(self.core)
        leave_out_sealed(self.core, {each.origin: name for name, each in self._definitions()})
        self.entity_types: EntityTypes = dict(self._entity_types())
        self.field_rules: FieldRules = {
            name: dict(self._field_rules(name, definition)) for name, definition in self._definitions()
        }
        if forced := list(self._forced()):
            raise UngovernedSchema(f"Governed fields must be nullable: {', '.join(forced)}.")

    @property
    def core(self) -> GraphQLSchema:
        """The graphql-core schema operations are validated against and executed on."""
        return self._schema

    def _definitions(self) -> Iterator[tuple[str, StrawberryObjectDefinition]]:
        for name, concrete in self.schema_converter.type_map.items():
            definition = concrete.definition
            if isinstance(definition, StrawberryObjectDefinition) and definition.is_object_type:
                yield name, definition

    def _entity_types(self) -> Iterator[tuple[str, type[Record]]]:
        for name, definition in self._definitions():
            if any(isinstance(directive, Key) for directive in definition.directives or ()):
                if not issubclass(definition.origin, Record):
                    raise UngovernedSchema(f"Entity {name} is not a Record.")
                yield name, definition.origin

    def _field_rules(self, type_name: str, definition: StrawberryObjectDefinition) -> Iterator[tuple[str, FieldRule]]:
        """Internal fields have no rule: no caller's operation can name what is @inaccessible (entities 3.3)."""
        for field in definition.fields:
            label = _directive(field, Dataset)
            if label is not None and _directive(field, Inaccessible) is None:
                name = self.config.name_converter.get_graphql_name(field)
                yield (
                    name,
                    FieldRule(
                        f"{type_name}.{name}",
                        type_name,
                        name,
                        label.id,
                        label.sensitivity,
                        self._is_leaf(type_name, name),
                        counter_of(field),
                    ),
                )

    def _is_leaf(self, type_name: str, name: str) -> bool:
        kind = cast(GraphQLObjectType, self.core.type_map[type_name])
        return is_leaf_type(get_named_type(kind.fields[name].type))

    def _forced(self) -> Iterator[str]:
        """Governed fields that are not nullable, keys among them: refusing one would take its whole object away."""
        for type_name, rules in self.field_rules.items():
            graphql_type = cast(GraphQLObjectType, self.core.type_map[type_name])
            yield from (
                rule.coordinate
                for name, rule in rules.items()
                if isinstance(graphql_type.fields[name].type, GraphQLNonNull)
            )


def _directive(field: StrawberryField, kind: type) -> Any:
    return next((directive for directive in field.directives if isinstance(directive, kind)), None)
