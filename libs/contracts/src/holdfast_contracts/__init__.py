"""Every message on the bus and every public body of Holdfast: typed, versioned, no I/O."""
