"""Validate documents and return all violations with their places. It stores nothing and raises nothing."""

from collections.abc import Iterable, Mapping

from chartly.contracts import ContractStore, ContractUnknown

from .document import Document
from .errors import ProfileCycle, ProfileInvalid, ProfileUnknown
from .reference import GLOBAL, Kind, Reference
from .resolution import ProfileSource, resolve
from .violation import Path, Violation
from .workflow import Workflow


class Documents:
    """Given documents by reference, searched before another source: documents on disk, or the one that is to be stored."""

    def __init__(self, documents: Mapping[Reference, Document], beneath: ProfileSource | None = None) -> None:
        self._documents = documents
        self._beneath = beneath

    def find(self, reference: Reference) -> Document | None:
        """Return exactly this version in exactly this namespace, if it exists."""
        found = self._documents.get(reference)
        if found is None and self._beneath is not None:
            return self._beneath.find(reference)
        return found


def text_violations(
    text: str, contracts: ContractStore, *, file: str = "", namespace: str = GLOBAL, source: ProfileSource | None = None
) -> list[Violation]:
    """Return all violations of one YAML text, as if it were stored in ``namespace`` with the documents of ``source``."""
    try:
        document = Document.parse(text, file, contracts)
    except ProfileInvalid as refused:
        return list(refused.found)
    return document_violations([document], contracts, namespace=namespace, source=source)


def document_violations(
    documents: Iterable[Document], contracts: ContractStore, *, namespace: str = GLOBAL, source: ProfileSource | None = None
) -> list[Violation]:
    """Return all violations of documents that may extend each other, in the order of files and lines."""
    by_reference = {document.reference(namespace): document for document in documents}
    laid_over = Documents(by_reference, source)
    found: list[Violation] = []
    for reference, document in by_reference.items():
        found.extend(_violations(reference, document, laid_over, contracts))
    return sorted(set(found))


def _violations(reference: Reference, document: Document, source: ProfileSource, contracts: ContractStore) -> list[Violation]:
    try:
        if document.kind is Kind.WORKFLOW:
            Workflow.of_document(document)
        else:
            resolve(reference, source, contracts)
    except ProfileInvalid as refused:
        return list(refused.found)
    except ProfileCycle as refused:
        return [_at(document, ("spec", "extends"), "cyclic-extends", f"extends forms a circle, or its chain is too long: {refused.chain}")]
    except ProfileUnknown as refused:
        return [_at(document, ("spec", "extends"), "unknown-base", f"no profile is called {refused.reference}")]
    except ContractUnknown as refused:
        path = ("spec", "contract") if "contract" in document.spec else ("spec", "canonicalEventType")
        return [_at(document, path, "unknown-contract", f"no contract is called {refused.contract}")]
    return []


def _at(document: Document, path: Path, rule: str, message: str) -> Violation:
    return document.places.violation(path, rule, message)
