"""The federation gateway: composition → planning → execution, and the HTTP edge in front of them."""
