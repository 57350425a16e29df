"""The Missing product: episodes of the national register of missing persons."""
