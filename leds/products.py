"""The eight products' subgraphs and the ports they take when each is run as a service of its own."""

from importlib import import_module

from subgraphs.service import Subgraph

AUDIT = "audit"
"""The one subgraph whose records are the ledger."""
PRODUCTS = {
    "person": 8101,
    "vehicle": 8102,
    "drivers": 8103,
    "property": 8104,
    "missing": 8105,
    "intelligence": 8106,
    "reference": 8107,
    AUDIT: 8108,
}


def subgraph_named(name: str) -> Subgraph:
    """The subgraph application of one product, not yet started."""
    return import_module(f"subgraphs.{name}").app
