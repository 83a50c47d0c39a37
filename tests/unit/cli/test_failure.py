"""Messages of a refused command: file, line and rule once, and an exit code that separates invalid input from other failures."""

from pathlib import Path

import pytest

from chartly.cli.failure import FileUnreadable, named, read_text, report
from chartly.platform.errors import FieldViolation, RemoteError


def refused(code: int, reason: str, message: str, *violations: FieldViolation) -> RemoteError:
    """Return an error as the edge answers it."""
    return RemoteError("edge", code, reason, message, violations=violations)


def test_violations_of_a_document_name_its_file(capsys: pytest.CaptureFixture[str]) -> None:
    """Each printed line starts with the file's name, and no violation is repeated."""
    violation = FieldViolation("spec.steps", "line 11, column 3: unknown key", "unknown-key")
    failure = refused(400, "PROFILE_INVALID", "<document>:11:3: unknown-key: /spec/bogus unknown key", violation)

    code = report(named(failure, Path("flow.yaml")))

    assert code == 2
    shown = "flow.yaml:11:3: unknown-key: /spec/bogus unknown key\nchartly: the document is refused [PROFILE_INVALID]\n"
    assert capsys.readouterr().err == shown


def test_field_violations_follow_the_message(capsys: pytest.CaptureFixture[str]) -> None:
    """Violations without places in the message are printed below it."""
    code = report(refused(400, "INVALID_REQUEST", "Fields are wrong", FieldViolation("sql", "must not be empty")))

    assert (code, capsys.readouterr().err) == (2, "chartly: Fields are wrong [INVALID_REQUEST]\n  sql: must not be empty\n")


@pytest.mark.parametrize("code", [401, 403, 404, 409, 429, 500, 503])
def test_other_failures_exit_with_one(code: int, capsys: pytest.CaptureFixture[str]) -> None:
    """A failure that is not caused by the input has exit code 1, since a retry may help."""
    assert report(refused(code, "SOME_REASON", "No")) == 1
    assert capsys.readouterr().err == "chartly: No [SOME_REASON]\n"


def test_a_file_that_is_no_text_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The error about a file that is not UTF-8 names the first invalid byte; a folder and a missing file are named, too."""
    file = tmp_path / "profile.yaml"
    file.write_bytes(b"a: \xff")

    with pytest.raises(FileUnreadable) as found:
        read_text(file)

    assert report(found.value) == 2
    assert f"path={file}, problem=no UTF-8 at byte 3" in capsys.readouterr().err
    for unreadable in (tmp_path, tmp_path / "nothing"):
        with pytest.raises(FileUnreadable):
            read_text(unreadable)
