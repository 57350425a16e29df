"""Verifies a disclosure ledger from stored bytes; shares nothing with the writer but `docs/ledger-format.md`."""
