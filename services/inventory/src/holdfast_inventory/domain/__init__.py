"""The rules of capacity, time and price: plain objects, no input or output."""
