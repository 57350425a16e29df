"""The Person product: PNC nominals with warnings, arrests, convictions and circulations."""
