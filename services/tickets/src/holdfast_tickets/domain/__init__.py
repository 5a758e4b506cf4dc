"""The rules of tickets and doors: pure, without I/O."""
