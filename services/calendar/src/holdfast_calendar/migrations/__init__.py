"""Migrations of the calendar."""
