"""Benchmarks: one module each, every figure kept in `results/` with the command that made it."""
