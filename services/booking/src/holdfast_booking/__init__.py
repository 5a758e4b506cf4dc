"""Bookings: the state machine, policies and their history."""
