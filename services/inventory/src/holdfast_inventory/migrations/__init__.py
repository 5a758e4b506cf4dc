"""Migrations of inventory, run by `holdfast migrate` before the service starts."""
