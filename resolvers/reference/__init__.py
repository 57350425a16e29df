"""Reference product: tables, statements and loaders."""
