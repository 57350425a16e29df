"""Invented, format-true police data: a deterministic population and a documented cast. Everything here is SYNTHETIC."""
