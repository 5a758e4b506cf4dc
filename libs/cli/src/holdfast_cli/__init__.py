"""The operator's command `holdfast`."""
