"""Random questions about records that are there: a schema and their keys in, a query out. Same chance, same query."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

DEPTH = 5
MOST = 90


@dataclass(slots=True)
class Questions:
    """Writes queries over one schema; `roots` are fields of Query with an argument's name and the keys it may take."""

    schema: GraphQLSchema
    roots: Mapping[str, tuple[str, Sequence[str]]]
    random: Random
    fields: int = 0

    def query(self) -> str:
        """A valid query for one to three records."""
        self.fields = 0
        assert self.schema.query_type
        asked = [self._root(number) for number in range(self.random.randint(1, 3))]
        return f"{{ {' '.join(asked)} }}"

    def _root(self, number: int) -> str:
        assert self.schema.query_type
        name = self.random.choice(sorted(self.roots))
        argument, keys = self.roots[name]
        kind = get_named_type(self.schema.query_type.fields[name].type)
        return f'r{number}: {name}({argument}: "{self.random.choice(keys)}") {self._selection(kind, DEPTH)}'

    def _selection(self, kind: object, depth: int) -> str:
        if isinstance(kind, GraphQLObjectType):
            return f"{{ __typename {self._fields(kind, depth)} }}"
        assert isinstance(kind, GraphQLInterfaceType | GraphQLUnionType)
        members = self.schema.get_possible_types(kind)
        leading = [each for each in members if not _is_plain(each)] or list(members)
        some = self.random.sample(leading, self.random.randint(1, len(leading)))
        # What may stand instead of a record leads nowhere: it is asked for beside the records, not instead of them.
        some += [each for each in members if each not in leading and self.random.random() < 0.5]
        parts = [f"... on {each.name} {{ __typename {self._fields(each, depth)} }}" for each in some]
        return f"{{ __typename {' '.join(parts)} }}"

    def _fields(self, kind: GraphQLObjectType, depth: int) -> str:
        usable = {name: each for name, each in kind.fields.items() if self._fits(each, depth)}
        few = self.random.randint(1, 8) if self.fields < MOST else 1
        chosen = self.random.sample(sorted(usable), min(few, len(usable)))
        return " ".join(self._field(name, usable[name], depth) for name in chosen)

    def _fits(self, field: GraphQLField, depth: int) -> bool:
        simple = not any(is_required_argument(argument) for argument in field.args.values())
        return simple and (depth > 0 or is_leaf_type(get_named_type(field.type)))

    def _field(self, name: str, field: GraphQLField, depth: int) -> str:
        self.fields += 1
        kind = get_named_type(field.type)
        # An alias of its own: two members of a union may answer one name with different types.
        alias = f"f{self.fields}: " if self.random.random() < 0.3 else f"{name}_{self.fields}: "
        first = "(first: 5)" if "first" in field.args else ""
        return f"{alias}{name}{first}" + ("" if is_leaf_type(kind) else f" {self._selection(kind, depth - 1)}")


def _is_plain(kind: GraphQLObjectType) -> bool:
    """Whether nothing but leaves is below it."""
    return all(is_leaf_type(get_named_type(each.type)) for each in kind.fields.values())
