"""One class per operation, named as in the reference; those for commands decide in memory and never await."""
