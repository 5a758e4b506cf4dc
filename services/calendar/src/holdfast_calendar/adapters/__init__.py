"""iCalendar, by the package `icalendar`."""
