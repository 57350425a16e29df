"""The Property product: identifiable items, reports on them and firearm certificate pointers."""
