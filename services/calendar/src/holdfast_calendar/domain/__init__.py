"""What a calendar shows of a booking; pure."""
