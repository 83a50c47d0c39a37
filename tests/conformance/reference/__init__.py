"""A second, slow implementation of a normalizer profile's meaning, in plain Python, written from the documentation alone.

It shares no code with the compiled core, so that the two can be compared. It doesn't implement the whole mapping language: only the
seed's ops, and the part of RFC 9535 that ``paths`` lists.
"""

from .normalize import Accepted, Rejected, normalize
from .parse import Refused, parse

__all__ = ["Accepted", "Refused", "Rejected", "normalize", "parse"]
