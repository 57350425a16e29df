"""The access directives of the Federation specification: rules of any supergraph in, what one token's holder may run
out."""
