"""The invariants I1 to I8 and I10 to I13 of the specification, evaluated on a running system, read only."""
