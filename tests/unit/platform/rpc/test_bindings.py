"""REST bindings of the protos."""

import pytest

from chartly.platform.rpc.bindings import bindings, find
from chartly.platform.rpc.methods import all_methods


def test_every_external_method_has_a_binding() -> None:
    """Each external method has a binding, and no other method has one."""
    assert {binding.method.path for binding in bindings()} == {method.path for method in all_methods().values() if method.external}


@pytest.mark.parametrize(
    ("verb", "path", "method"),
    [
        ("GET", "/v1/runs/run_1", "GetRun"),
        ("GET", "/v1/runs/run_1:watch", "WatchRun"),
        ("POST", "/v1/runs/run_1:cancel", "CancelRun"),
        ("POST", "/v1/profiles:validate", "ValidateProfile"),
        ("PUT", "/v1/profiles/tenant-demo/proj-sales::connector/shop@1.0.0", "PutProfile"),
        ("GET", "/api/profiles", "ListProfiles"),
    ],
)
def test_request_is_found_by_verb_and_path(verb: str, path: str, method: str) -> None:
    """A request matches the longest template with its verb."""
    found = find(verb, path)

    assert found is not None
    assert found.method.name == method


@pytest.mark.parametrize(("verb", "path"), [("DELETE", "/v1/runs/run_1"), ("GET", "/v1/runs/a/b"), ("GET", "/v1"), ("POST", "/v1/nothing")])
def test_what_no_binding_fits_is_not_found(verb: str, path: str) -> None:
    """A path without a template, or with another verb, matches nothing."""
    assert find(verb, path) is None


def test_places_are_the_fields_in_the_path() -> None:
    """Variables of the path are the fields that a body may not have."""
    found = find("POST", "/api/drones/d/work/w:fail")

    assert found is not None
    assert found.places == {"drone_id", "work_id"}
