"""What the simulated market is called and when it ends; `demo` makes it."""

from datetime import UTC, datetime

FEED = "demo"
PART = "scenario 3"  # a new number for a changed scenario: stores of the old one are not used any more
FOLDER = PART.replace(" ", "-")
NOW = datetime(2026, 5, 29, 22, 30, tzinfo=UTC)  # the last day's American numbers are out
