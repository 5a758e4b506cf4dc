"""The inbox: what a consumer has done already, and the stored result of each command (I5)."""
