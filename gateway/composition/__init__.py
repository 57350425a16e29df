"""Subgraph schemas in; one supergraph, or every error and hint, out. Does no I/O."""
