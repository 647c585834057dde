"""The parts of a Board: each computes its history once and reads one instant of it."""
