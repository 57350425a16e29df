"""Vehicle product: tables, statements and loaders."""
