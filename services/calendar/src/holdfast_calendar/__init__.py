"""Calendar: iCalendar files of bookings."""
