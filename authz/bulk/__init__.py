"""Bulk (P14) and agreement caps (P03): how much one caller asks for. `watch.py` is the story."""
