"""The profile language: read, validate, resolve, freeze and compare profiles. It stores nothing; the registry does."""

from .difference import ValueChange, changes
from .document import Document
from .errors import ProfileCycle, ProfileInvalid, ProfilesError, ProfileUnknown, ReferenceInvalid
from .reference import GLOBAL, Kind, Reference, project_namespace
from .resolution import ProfileSource, ResolvedProfile, resolve
from .schedule import Schedule
from .validation import Documents, document_violations, text_violations
from .violation import Violation
from .workflow import Workflow, WorkflowStep

__all__ = [
    "GLOBAL",
    "Document",
    "Documents",
    "Kind",
    "ProfileCycle",
    "ProfileInvalid",
    "ProfileSource",
    "ProfileUnknown",
    "ProfilesError",
    "Reference",
    "ReferenceInvalid",
    "ResolvedProfile",
    "Schedule",
    "ValueChange",
    "Violation",
    "Workflow",
    "WorkflowStep",
    "changes",
    "document_violations",
    "project_namespace",
    "resolve",
    "text_violations",
]
