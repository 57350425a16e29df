"""The field dictionary as a tagged subgraph: what the decision tests decide on, without any Strawberry type."""

from collections.abc import Iterable, Mapping
from itertools import groupby

from schema.dictionary import FieldTag, field_dictionary

LINK = """
extend schema
  @link(
    url: "https://specs.apollo.dev/federation/v2.9"
    import: ["@key", "@external", "@inaccessible", "@interfaceObject"]
  )
  @link(url: "https://specs.leds.example/access/v1.0", import: ["@dataset", "@subject", "@derived", "@open", "@reads"])
"""

ROOTS: Mapping[str, tuple[str, str]] = {
    "vehicle": ("Vehicle", "DVLA.VEH"),
    "person": ("Person", "PNC.NAMES.CORE"),
    "persons": ("PersonConnection", "PNC.NAMES.CORE"),
    "driver": ("Driver", "DVLA.DRV"),
    "property": ("PropertyItem", "PNC.PROP"),
    "missing": ("MissingReport", "NRMP"),
    "vehicleFraudCheck": ("VehicleFraudCheck", "PNC.VEH.REPORT"),
    "intelReport": ("IntelReport", "PND.INT"),
    "nominal": ("Person", "PNC.NAMES.CORE"),
    "auditEvents": ("AuditEvent", "AUD.LOG"),
}


def dictionary_sdl() -> str:
    """Every dictionary type with its tags, the root fields of entities.md 3.2 and one mutation."""
    tags = list(field_dictionary().values())
    types = {name: list(rows) for name, rows in groupby(tags, key=lambda tag: tag.coordinate.partition(".")[0])}
    roots = "\n".join(f'  {name}: {kind} @dataset(id: "{dataset}")' for name, (kind, dataset) in ROOTS.items())
    return "\n".join(
        [
            LINK,
            f"type Query {{\n{roots}\n}}",
            'type Mutation { addDisposal: String @dataset(id: "PNC.NAMES.CRIM", sensitivity: "S2") }',
            "type PersonConnection @open(inherit: true) { nodes: [Person] totalCount: Int }",
            *(_type(name, rows, types) for name, rows in types.items()),
        ]
    )


def _type(name: str, rows: Iterable[FieldTag], types: Mapping[str, object]) -> str:
    return f"type {name} {{\n" + "\n".join(_field(row, types) for row in rows) + "\n}"


def _field(row: FieldTag, types: Mapping[str, object]) -> str:
    named = row.gtype.strip("[]!")
    kind = f"[{named}]" if row.gtype.startswith("[") and named in types else named if named in types else "String"
    mask = f', mask: "{row.mask}"' if row.mask else ""
    inaccessible = " @inaccessible" if row.internal else ""
    name = row.coordinate.partition(".")[2]
    return f'  {name}: {kind} @dataset(id: "{row.dataset}", sensitivity: "{row.sensitivity}"{mask}){inaccessible}'
