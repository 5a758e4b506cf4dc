"""The reference's named services."""
