"""PostgreSQL: pools by role, set-based writes, row-level security, migrations."""
