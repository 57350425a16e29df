"""The Intelligence product: PND nominals and 3x5x2 reports, a security boundary of its own."""
