"""Pagination by AIP-158: page sizes and page tokens."""

import base64
import binascii
import json
from typing import Any, cast

from chartly.platform.errors import InvalidArgument, error

PAGE_SIZE_DEFAULT = 100


@error(reason="BAD_PAGE_TOKEN")
class BadPageToken(InvalidArgument):
    """The page token was not returned by this method; start with an empty token."""


def page_size(asked: int) -> int:
    """Return how many items to read: 0 means 100. The field rule of ``page_size`` has checked the bounds."""
    return asked or PAGE_SIZE_DEFAULT


def page_token(kind: str, *position: str | int) -> str:
    """Return a token for the position after a page: the sort key of its last item. ``kind`` names method and order."""
    return base64.urlsafe_b64encode(json.dumps([kind, *position]).encode()).rstrip(b"=").decode()


def page_position(kind: str, token: str, length: int) -> tuple[str | int, ...] | None:
    """Return the position in a token; None for the first page.

    Raises:
        BadPageToken: the token comes from another method, or is not a token.
    """
    if not token:
        return None
    try:
        found: Any = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (binascii.Error, ValueError) as malformed:
        raise BadPageToken from malformed
    if not isinstance(found, list):
        raise BadPageToken
    values = cast("list[Any]", found)
    if len(values) != length + 1 or values[0] != kind or not all(isinstance(value, str | int) for value in values):
        raise BadPageToken
    return tuple(values[1:])
