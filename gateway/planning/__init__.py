"""Operation and supergraph in; a frozen query plan out. Does no I/O."""
