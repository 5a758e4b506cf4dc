"""Migrations of tickets."""
