"""Inventory: the only place where capacity is taken and given back."""
