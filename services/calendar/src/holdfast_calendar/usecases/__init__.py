"""The operations of the calendar."""
