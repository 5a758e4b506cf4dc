"""Dead letters: what services gave up, for an operator to look at, replay or drop."""
