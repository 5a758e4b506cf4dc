"""SQL on bookings: what a batch locks, loads and flushes, and what is read."""
