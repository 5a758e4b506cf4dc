"""The gateway's side of its units of work."""
