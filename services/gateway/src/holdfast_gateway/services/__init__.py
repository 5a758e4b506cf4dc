"""Named services: the directory of tenants and its keeping, limits."""
