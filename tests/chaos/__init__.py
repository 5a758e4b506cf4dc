"""Chaos: kills, restarts, duplicates and races under load, judged by the ledger and `holdfast reconcile`."""
