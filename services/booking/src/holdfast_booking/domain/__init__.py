"""Rules of bookings: the state machine, policies, windows and customers. Pure: no I/O, no framework."""
