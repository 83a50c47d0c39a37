"""Gives the ids in an SVG numbers that depend on the picture alone. Pure."""

import re

_TAG = re.compile(r"<[^<>]*>")
# Whole values of attributes: a label of the data stands in other attributes, or outside of tags.
_ID = re.compile(r'(?P<before> (?:id|clip-path|fill|stroke|mask|filter)="(?:url\(#)?)(?P<kind>clip|gradient_)(?P<number>\d+)(?=\)?")')


def with_own_ids(svg: str) -> str:
    """Return an SVG with its ids numbered in the order in which they appear.

    The renderer counts ids on from one picture to the next, so the same chart would have other bytes each time.
    """
    numbers: dict[str, str] = {}

    def renamed(found: re.Match[str]) -> str:
        known = numbers.setdefault(found["kind"] + found["number"], f"{found['kind']}{len(numbers)}")
        return found["before"] + known

    return _TAG.sub(lambda tag: _ID.sub(renamed, tag[0]), svg)
