"""What the gateway knows without I/O: callers, tenants, requests' own rules."""
