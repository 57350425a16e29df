"""Record controls: the register that makes single rows stricter than their type, and what statements make of it."""
