"""What tickets do with the messages of each topic."""
