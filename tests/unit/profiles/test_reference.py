"""References: one form with a fixed version."""

import pytest

from chartly.profiles import Kind, Reference, ReferenceInvalid, project_namespace


def test_reference_reads_back_as_it_was() -> None:
    """A written reference parses to the same reference."""
    text = "tenant-demo/proj-sales::connector/sales-http@1.0.0-rc.1+port.4711"

    reference = Reference.parse(text)

    assert reference == Reference(project_namespace("tenant-demo", "proj-sales"), Kind.CONNECTOR, "sales-http", "1.0.0-rc.1+port.4711")
    assert str(reference) == text


def test_global_reference_has_no_project() -> None:
    """A global reference has no project."""
    reference = Reference.parse("global::storage/base@1.0.0")

    assert reference.is_global
    assert str(Reference.parse("a/b::storage/base@1.0.0").in_global()) == str(reference)


@pytest.mark.parametrize("version", ["latest", "LATEST", "stable", "main", "*", "^1.0.0", "~1.2", ">=1.0.0", "1", "1.0", "v1", "1.x"])
def test_floating_version_is_refused_by_name(version: str) -> None:
    """A version that is not fixed, such as latest, is refused with a rule of its own."""
    with pytest.raises(ReferenceInvalid) as refused:
        Reference.parse(f"global::storage/base@{version}")

    assert refused.value.rule == "latest-refused"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "reference"),
        ("storage/base@1.0.0", "reference"),
        ("global::storage/base", "reference"),
        ("a::storage/base@1.0.0", "reference"),
        ("a/b/c::storage/base@1.0.0", "reference"),
        ("A/b::storage/base@1.0.0", "reference"),
        ("../b::storage/base@1.0.0", "reference"),
        ("a/b::storage/Base@1.0.0", "reference"),
        ("a/b::storage/base@01.0.0", "reference"),
        ("a/b::storage/base@1.0.0-01", "reference"),
        ("a/b::storage/base@1.0.0 ", "reference"),
        ("a/b::storage/base@1.0.0\n", "reference"),
        ("a/b::dashboard/base@1.0.0", "reference-kind"),
        (f"a/b::storage/{'x' * 64}@1.0.0", "reference"),
        (f"a/b::storage/x@1.0.0-{'x' * 64}", "reference"),
    ],
)
def test_malformed_reference_names_its_rule(text: str, rule: str) -> None:
    """Any other form is refused with its rule."""
    with pytest.raises(ReferenceInvalid) as refused:
        Reference.parse(text)

    assert refused.value.rule == rule
