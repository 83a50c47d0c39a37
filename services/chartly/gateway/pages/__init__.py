"""The web pages that the edge serves: one file each, with headers that stop a browser from running any other script."""

import hashlib
import re
from base64 import b64encode
from dataclasses import dataclass

from chartly.contracts import packaged

PATHS = {"/explain": "explain.html"}
"""The path of each page."""


@dataclass(frozen=True, slots=True)
class WebPage:
    """A page's body and headers."""

    path: str
    text: str
    headers: dict[str, str]


def pages() -> list[WebPage]:
    """Return all pages."""
    texts = packaged.read(__name__)
    return [WebPage(path, texts[name], _headers(texts[name])) for path, name in PATHS.items()]


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
    """Return the hashes of the page's inline elements of a kind, in the form of CSP level 2."""
    bodies: list[str] = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
    return " ".join(f"'sha256-{b64encode(hashlib.sha256(body.encode()).digest()).decode()}'" for body in bodies) or "'none'"
