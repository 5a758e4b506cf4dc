"""Public bodies: what the HTTP routes take and answer, one module per subject."""
