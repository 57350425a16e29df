"""The demo's OpenID provider: real flows, invented people. It exists in the demo profile only."""
