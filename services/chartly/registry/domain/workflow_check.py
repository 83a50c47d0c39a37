"""Check the profiles that a new workflow names: they exist, are not abstract, and are not deprecated."""

from collections.abc import Callable, Iterator

from chartly.profiles import Document, Reference, Violation, Workflow

Found = tuple[Document, bool]
"""A profile, and whether it is deprecated."""


def workflow_violations(document: Document, find: Callable[[Reference], Found | None]) -> Iterator[Violation]:
    """Return a violation for every step whose profile a new workflow can't use."""
    for position, step in enumerate(Workflow.of_document(document).steps):
        path = ("spec", "steps", position)
        found = find(step.profile) or find(step.profile.in_global())
        if found is None:
            yield document.places.violation(path, "unknown-profile", f"no profile is called {step.profile}")
        elif found[0].is_abstract:
            yield document.places.violation(path, "abstract-profile", f"{step.profile} is abstract: name a profile that extends it")
        elif found[1]:
            yield document.places.violation(path, "deprecated-profile", f"{step.profile} is deprecated: new workflows can't name it")
