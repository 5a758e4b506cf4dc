"""Messages that inventory consumes."""
