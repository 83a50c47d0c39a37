"""The meaning of a normalizer profile, read a second time: slowly, in plain Python, from the text alone.

It shares nothing with the compiled core, so that the two can be held against each other. It doesn't know the whole mapping language:
the seed's ops, and of RFC 9535 what ``paths`` lists.
"""

from .normalize import Accepted, Rejected, normalize
from .parse import Refused, parse

__all__ = ["Accepted", "Refused", "Rejected", "normalize", "parse"]
