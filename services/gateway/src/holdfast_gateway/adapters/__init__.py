"""The outside: the bus, the owners, the issuer's keys."""
