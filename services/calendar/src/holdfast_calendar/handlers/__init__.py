"""What the calendar does with the messages of each topic."""
