"""Changes that callers ask for: accepted at once, carried out after, each kept with what became of it."""
