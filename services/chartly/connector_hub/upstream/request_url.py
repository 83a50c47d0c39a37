"""URLs of requests to a source, spelled as the profile or a redirect spells them: a signature covers the spelling."""

from collections.abc import Mapping
from string import printable
from urllib.parse import quote, urldefrag, urljoin

from yarl import URL

# Everything that a URL may contain as it is, escapes included; the rest is escaped as UTF-8.
_KEPT = "".join(character for character in printable if character.isprintable() and character not in ' "<>\\^`{|}')


class UrlUnusable(Exception):
    """A text is no URL that a request can be sent to."""


def request_url(text: str, query: Mapping[str, str] | None = None) -> URL:
    """Return the URL of a request: ``text`` as it stands, with ``query`` behind it.

    Raises:
        UrlUnusable: it has no host, or names a user.
    """
    escaped = quote(urldefrag(text).url.encode("utf-8", "surrogateescape"), safe=_KEPT)
    if query:
        escaped += ("&" if "?" in escaped else "?") + URL.build(query=dict(query)).raw_query_string
    try:
        url = URL(escaped, encoded=True)
        usable = bool(url.raw_host) and url.user is None and url.password is None and url.port is not None
    except ValueError as unusable:
        raise UrlUnusable from unusable
    if not usable:
        raise UrlUnusable
    return url


def redirect_url(url: URL, location: str) -> URL:
    """Return the URL that a ``Location`` names, which may be relative (RFC 9110 §10.2.2).

    Raises:
        UrlUnusable: it is no URL.
    """
    try:
        return request_url(location if "://" in location.partition("?")[0] else urljoin(str(url), location))
    except ValueError as unusable:
        raise UrlUnusable from unusable


def origin(url: URL) -> tuple[str, str | None, int | None]:
    """Return scheme, host and port (RFC 6454)."""
    return url.scheme, url.raw_host, url.port
