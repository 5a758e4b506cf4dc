"""Migrations of booking."""
