"""bondtop: a terminal monitor of the global government-bond market."""

__version__ = "0.1.0"
