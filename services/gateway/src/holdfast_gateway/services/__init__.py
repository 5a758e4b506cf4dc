"""Named services: the directory of tenants, visitors' sessions, limits."""
