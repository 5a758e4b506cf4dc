"""The public routes, one module for each controller of the reference, and one for each group of our own."""
