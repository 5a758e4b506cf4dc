"""What the gateway itself decides: tenants, and visitors' sessions."""
