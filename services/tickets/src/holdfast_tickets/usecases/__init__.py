"""The operations of tickets."""
