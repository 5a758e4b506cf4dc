"""For tests of services: databases of their own, a unit of work without the bus, statements counted."""
