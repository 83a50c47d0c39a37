"""Find secrets in clear text: keys with telling names, headers with credentials, addresses with credentials, tokens of known forms.

These are heuristics: they refuse a value that looks like a secret, and never show it. They can't find a secret that looks like a
common word.
"""

import re
from collections.abc import Iterator
from typing import Any

from chartly.contracts.json_value import is_array, is_object

from .violation import Path, Places, TextPlace, Violation

_SECRET_KEYS = frozenset(
    (
        "token",
        "accesstoken",
        "refreshtoken",
        "idtoken",
        "authtoken",
        "bearertoken",
        "sessiontoken",
        "securitytoken",
        "apitoken",
        "password",
        "passwd",
        "passphrase",
        "pwd",
        "secret",
        "clientsecret",
        "secretkey",
        "secretaccesskey",
        "sharedsecret",
        "signingkey",
        "privatekey",
        "accesskey",
        "apikey",
        "xapikey",
        "authorization",
        "proxyauthorization",
        "cookie",
        "setcookie",
        "credential",
        "credentials",
        "accountkey",
        "connectionstring",
        "hmackey",
    )
)
_ALLOWED_WITHIN = frozenset({"secretRef"})
_NOT_LETTERS = re.compile(r"[^a-z0-9]")
_VARIABLE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}")

# All quantifiers are bounded, so that a long line costs linear time.
_SHAPES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("an address with credentials", re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}://[^\s/:@'\"]{0,200}:[^\s/@'\"]{1,200}@")),
    (
        "a credential in a query string",
        re.compile(
            r"[?&](?:api[_-]?key|access[_-]?token|auth[_-]?token|token|secret|password|sig|signature)=[^\s&'\"{}$]{4}", re.IGNORECASE
        ),
    ),
    ("an authorization header's value", re.compile(r"\b(?:bearer|basic)\s{1,8}[A-Za-z0-9._~+/-]{12}", re.IGNORECASE)),
    ("a private key", re.compile(r"-----BEGIN (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY-----")),
    ("a JSON web token", re.compile(r"\beyJ[A-Za-z0-9_-]{8,1000}\.eyJ[A-Za-z0-9_-]{8}")),
    ("an AWS access key", re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    ("a GitHub token", re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{20}|github_pat_[A-Za-z0-9_]{20})")),
    ("a GitLab token", re.compile(r"\bglpat-[A-Za-z0-9_-]{16}")),
    ("a Slack token", re.compile(r"\bxox[abeoprs]-[A-Za-z0-9-]{10}")),
    ("a Stripe key", re.compile(r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{10}")),
    ("a Google key", re.compile(r"\bAIza[0-9A-Za-z_-]{35}")),
    ("a Google token", re.compile(r"\bya29\.[0-9A-Za-z_-]{20}")),
    ("an npm token", re.compile(r"\bnpm_[A-Za-z0-9]{30}")),
    ("a SendGrid key", re.compile(r"\bSG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16}")),
    ("an API key", re.compile(r"\bsk-[A-Za-z0-9_-]{20}")),
)

_RULE = "secret-in-clear"


def secret_violations(text: str, value: Any, places: Places) -> list[Violation]:
    """Return a violation for every place of a document, comments included, that seems to hold a secret."""
    found = list(_in_values(value, (), places))
    lines = {violation.line for violation in found}
    found.extend(violation for violation in _in_text(text, places.file) if violation.line not in lines)
    return found


def _in_values(value: Any, path: Path, places: Places) -> Iterator[Violation]:
    if is_object(value):
        for key, part in value.items():
            if key not in _ALLOWED_WITHIN:
                yield from _in_values(part, (*path, key), places)
        return
    if is_array(value):
        for position, part in enumerate(value):
            yield from _in_values(part, (*path, position), places)
        return
    shape = _shape(value) if isinstance(value, str) else None
    if shape is not None:
        yield places.violation(path, _RULE, f"contains {shape}; keep it in the secret store and refer to it with secretRef")
    elif _names_secret(path) and _is_literal(value, path):
        yield places.violation(
            path, _RULE, f"the key {path[-1]!r} has a literal value; keep it in the secret store and refer to it with secretRef"
        )


def _names_secret(path: Path) -> bool:
    return bool(path) and _NOT_LETTERS.sub("", str(path[-1]).lower()) in _SECRET_KEYS


def _is_literal(value: Any, path: Path) -> bool:
    if isinstance(value, bool) or value is None or value == "":
        return False
    # A field of the payload may be called token. Its query is a path, not a secret.
    is_query = path[:2] == ("spec", "mapping") and isinstance(value, str) and value.startswith("$")
    return not is_query and not (isinstance(value, str) and _VARIABLE.fullmatch(value))


def _shape(text: str) -> str | None:
    return next((name for name, pattern in _SHAPES if pattern.search(text)), None)


def _in_text(text: str, file: str) -> Iterator[Violation]:
    for number, line in enumerate(text.splitlines(), 1):
        for name, pattern in _SHAPES:
            hit = pattern.search(line)
            if hit:
                where = TextPlace(file, number, hit.start() + 1)
                yield Violation(*where, "", _RULE, f"contains {name}; keep it in the secret store and refer to it with secretRef")
                break
