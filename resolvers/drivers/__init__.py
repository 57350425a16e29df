"""Drivers product: tables, statements and loaders."""
