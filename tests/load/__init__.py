"""Benchmarks: each prints its figure beside a baseline of the same run [`make bench`, docs/benchmarks.md]."""
