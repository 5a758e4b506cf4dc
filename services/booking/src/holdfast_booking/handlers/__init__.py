"""What booking does with the messages of each topic."""
