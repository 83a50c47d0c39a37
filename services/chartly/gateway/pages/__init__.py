"""The web pages, as the edge answers them: one file each, with the headers that keep a browser from running anything else beside it."""

import hashlib
import re
from base64 import b64encode
from dataclasses import dataclass

from chartly.contracts import packaged

PATHS = {"/explain": "explain.html"}
"""Where each page stands."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page as it goes over the wire."""

    path: str
    text: str
    headers: dict[str, str]


def pages() -> list[Page]:
    """Give all pages."""
    texts = packaged.read(__name__)
    return [Page(path, texts[name], _headers(texts[name])) for path, name in PATHS.items()]


def _headers(text: str) -> dict[str, str]:
    policy = [
        "default-src 'none'",
        "connect-src 'self'",
        f"script-src {_allowed(text, 'script')}",
        f"style-src {_allowed(text, 'style')}",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
    return {
        "content-type": "text/html; charset=utf-8",
        "cache-control": "no-cache",
        "content-security-policy": "; ".join(policy),
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }


def _allowed(text: str, tag: str) -> str:
    """Name the page's own inline elements of a kind by their hashes, as CSP level 2 has it."""
    bodies: list[str] = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
    return " ".join(f"'sha256-{b64encode(hashlib.sha256(body.encode()).digest()).decode()}'" for body in bodies) or "'none'"
