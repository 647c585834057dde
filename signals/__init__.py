"""Pure functions: a Panel in, a Board out."""
