"""The Person product: PNC nominals, their warnings, arrests, convictions and circulations; keys to statements to rows."""
