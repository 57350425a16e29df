"""The disclosure ledger: durable, hash-chained entries written before a response leaves."""
