"""The profiles that ship with Chartly: ``core`` for the global namespace, and the example domains."""

from collections.abc import Mapping
from functools import cache

from chartly.contracts import ContractStore, packaged

from .document import Document
from .reference import GLOBAL, Reference
from .validation import Documents

_CORE = "core/"


@cache
def texts() -> Mapping[str, str]:
    """Return every packaged YAML text by its path below ``profiles/``, such as ``core/base/storage-base@1.0.0.yaml``."""
    return packaged.read("chartly.profiles")


@cache
def global_documents() -> Mapping[Reference, Document]:
    """Return the profiles of the global namespace, by reference."""
    contracts = ContractStore.packaged()
    documents = (Document.parse(text, path, contracts) for path, text in texts().items() if path.startswith(_CORE))
    return {document.reference(GLOBAL): document for document in documents}


def global_source() -> Documents:
    """Return the global namespace as a source for resolving."""
    return Documents(global_documents())
