"""Ways by which an alert leaves the program, one a module."""
