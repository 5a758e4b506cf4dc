"""How a booking is shown and told, and what its end sets in motion."""
