"""The property subgraph: identifiable items, reports on them and firearm certificate pointers."""

from subgraphs.federated import GovernedSchema
from subgraphs.property.joins import Person, Vehicle
from subgraphs.property.query import Query
from subgraphs.property.types import FirearmCertificate, PropertyItem
from subgraphs.service import Subgraph

app = Subgraph("property", GovernedSchema(Query, [PropertyItem, FirearmCertificate, Person, Vehicle]))
