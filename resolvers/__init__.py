"""One folder per product: tables, statements and loaders (keys → one statement → rows)."""
