"""Applies the edit of a release to a record's bytes. It validates no content; the plan does."""

from chartly.platform.errors import FieldViolation, InvalidRequest
from chartly.v1 import quarantine_pb2 as pb

from .json_patch import PatchRefused, merged, patched


def apply_edit(request: pb.ReleaseQuarantinedRequest, before: bytes, bytes_max: int) -> bytes:
    """Return the corrected record.

    Raises:
        InvalidRequest: the patch does not apply, or the corrected record is empty or above its bound.
    """
    kind = request.WhichOneof("edit")
    try:
        if kind == "record":
            edited = request.record.encode()
        else:
            apply, patch = (patched, request.json_patch) if kind == "json_patch" else (merged, request.merge_patch)
            edited = apply(before.decode(), patch).encode()
    except PatchRefused as refused:
        raise InvalidRequest(violations=(FieldViolation(f"edit.{kind}", str(refused)),)) from refused
    except UnicodeError as malformed:
        rule = "the record is not UTF-8, so that no patch fits it: give the whole record instead"
        raise InvalidRequest(violations=(FieldViolation(f"edit.{kind}", rule),)) from malformed
    if not 1 <= len(edited) <= bytes_max:
        raise InvalidRequest(violations=(FieldViolation(f"edit.{kind}", f"must give a record of 1 to {bytes_max} bytes"),))
    return edited
