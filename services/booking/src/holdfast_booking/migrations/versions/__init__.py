"""Revisions of booking."""
