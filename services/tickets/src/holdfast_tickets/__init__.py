"""Tickets: codes, PDF, QR and the door."""
