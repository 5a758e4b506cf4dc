"""How a booking is shown and told, who changes it, and what its end sets in motion."""
