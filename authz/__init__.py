"""Directives → rules → decision → enforcement → audit: who may be shown what, and the record that they were."""
