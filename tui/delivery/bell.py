"""The terminal's bell."""


def bell() -> str:
    """What rings it."""
    return "\a"
