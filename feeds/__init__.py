"""Ask every provider and read its answer into Observations."""
