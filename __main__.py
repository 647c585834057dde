"""`python -m bondtop`."""

import sys

from .tui.cli import main

sys.exit(main())
