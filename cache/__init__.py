"""What we know and since when we know it."""
