"""What every Holdfast service needs the same way."""
