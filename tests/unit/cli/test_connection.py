"""Request lines that the command line sends."""

import pytest

from chartly.cli.connection import encoded


@pytest.mark.parametrize(
    ("path", "query", "line"),
    [
        ("/v1/datasets/sales/records", {"filter": "a=1 AND b=2"}, "/v1/datasets/sales/records?filter=a%3D1%20AND%20b%3D2"),
        ("/v1/audit/events", {"type": "a+b&c=é"}, "/v1/audit/events?type=a%2Bb%26c%3D%C3%A9"),
        ("/v1/profiles/t/p::normalizer/q@1.0.0", {}, "/v1/profiles/t/p::normalizer/q@1.0.0"),
        ("/v1/datasets/what?x=1#%41 b", {}, "/v1/datasets/what%3Fx%3D1%23%2541%20b"),
    ],
)
def test_names_and_values_are_encoded(path: str, query: dict[str, str], line: str) -> None:
    """A name stays one part of the path whatever characters it has, and a space is `%20` everywhere."""
    assert encoded(path, query) == line
