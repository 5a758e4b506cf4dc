"""Libraries that tickets use, each behind a port."""
