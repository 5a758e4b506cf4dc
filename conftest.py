"""Fixtures for every test: real engines, and a whole stack where a test asks for one."""

pytest_plugins = ["holdfast_local.fixtures"]
