"""``python -m chartly.cli``: the same as the command `chartly`."""

from .main import run

run()
