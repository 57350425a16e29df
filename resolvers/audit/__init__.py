"""The ledger as it is read: requests with what came of them, whose records they showed, and their reviews."""
