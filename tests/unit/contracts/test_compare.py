"""The check that contracts change additively only, on git repositories of its own."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from chartly.contracts import compare

ROOT = Path(__file__).parents[3]
ORDER: dict[str, Any] = {"x-version": "1.0.0", "type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}
NO_PROPERTIES: dict[str, Any] = {}
BROKEN: dict[str, Any] = ORDER | {"x-version": "1.1.0", "properties": NO_PROPERTIES}
WIDENED: dict[str, Any] = ORDER | {"x-version": "1.1.0", "properties": {"id": {"type": "string"}, "note": {"type": "string"}}}


class Repository:
    """A git repository with one contract."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.contract = folder / "contracts/v1/canonical/order.json"

    def git(self, *arguments: str) -> None:
        """Run git, with nothing of this machine's configuration."""
        command = ["git", "-C", str(self.folder), "-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false", *arguments]
        subprocess.run(command, check=True, capture_output=True)

    def write(self, schema: dict[str, Any]) -> None:
        """Write the contract to the work tree."""
        self.contract.parent.mkdir(parents=True, exist_ok=True)
        self.contract.write_text(json.dumps(schema), "utf-8")

    def commit(self, schema: dict[str, Any]) -> None:
        """Commit the contract."""
        self.write(schema)
        self.git("add", "-A")
        self.git("commit", "--quiet", "--allow-empty", "--message=change")

    def remove(self) -> None:
        """Commit the contract's removal."""
        self.contract.unlink()
        self.git("commit", "--quiet", "--all", "--message=remove")


@pytest.fixture
def origin(tmp_path: Path) -> Repository:
    """The repository that others clone, with one commit on main."""
    made = Repository(tmp_path / "origin")
    made.folder.mkdir()
    made.git("init", "--quiet", "--initial-branch=main")
    made.commit(ORDER)
    return made


def clone(origin: Repository, *options: str) -> Repository:
    """Clone a repository as CI does."""
    folder = origin.folder.with_name("clone")
    origin.git("clone", "--quiet", *options, origin.folder.as_uri(), str(folder))
    return Repository(folder)


def outcome(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> int:
    """Return the exit code of the check, run in a repository."""
    monkeypatch.chdir(repository.folder)
    monkeypatch.setattr("sys.argv", ["compare"])
    return compare.main()


@pytest.mark.parametrize(("schema", "code"), [(ORDER, 0), (WIDENED, 0), (BROKEN, 1)])
def test_fresh_clone_checks_the_last_commit(origin: Repository, monkeypatch: pytest.MonkeyPatch, schema: dict[str, Any], code: int) -> None:
    """Where origin/main is HEAD, the last commit is compared with the one before."""
    origin.commit(schema)
    assert outcome(clone(origin), monkeypatch) == code


def test_every_commit_of_a_branch_is_checked(origin: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """A breaking change some commits ago is found until it is on origin/main."""
    here = clone(origin)
    here.commit(BROKEN)
    here.commit(BROKEN)
    assert outcome(here, monkeypatch) == 1


def test_uncommitted_change_is_checked(origin: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """The work tree is compared, not the last commit."""
    here = clone(origin)
    here.write(BROKEN)
    assert outcome(here, monkeypatch) == 1


@pytest.mark.parametrize(("schema", "code"), [(ORDER, 0), (BROKEN, 1)])
def test_shallow_clone_checks_the_work_tree(origin: Repository, monkeypatch: pytest.MonkeyPatch, schema: dict[str, Any], code: int) -> None:
    """A clone of depth 1 has no commit before its only one."""
    origin.commit(ORDER)
    here = clone(origin, "--depth=1")
    here.write(schema)
    assert outcome(here, monkeypatch) == code


def test_removed_contract_is_a_breaking_change(origin: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """A removed contract is a breaking change."""
    origin.remove()
    assert outcome(clone(origin), monkeypatch) == 1


def test_withdrawn_contract_passes(origin: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """A removal that the list of withdrawn contracts names passes; a listed name that still exists does not."""
    (origin.folder / "contracts/withdrawn.json").write_text(json.dumps({"v1/canonical/order.json": "nothing enforced it"}), "utf-8")
    origin.git("add", "-A")
    origin.remove()
    here = clone(origin)
    assert outcome(here, monkeypatch) == 0
    here.write(ORDER)
    assert outcome(here, monkeypatch) == 1


def test_lint_runs_the_check() -> None:
    """``make lint`` compares contracts and protos with the base, whatever branches exist."""
    planned = subprocess.run(["make", "--dry-run", "lint"], cwd=ROOT, check=True, capture_output=True, text=True).stdout  # noqa: S607 - found on PATH as people do
    assert "-m chartly.contracts.compare\n" in planned
    assert "buf breaking --against" in planned
