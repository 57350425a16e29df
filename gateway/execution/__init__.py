"""Query plan in; subgraph requests, then the response, out."""
