"""The Missing product: episodes of the national register of missing persons; keys to statements to rows."""
