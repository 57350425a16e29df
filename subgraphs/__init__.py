"""One folder per product: its GraphQL types and the wiring of its service."""
