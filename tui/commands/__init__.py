"""One command a module; each takes a Call and returns the exit code."""
