"""What several use-cases of tickets need."""
