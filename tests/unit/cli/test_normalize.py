"""`chartly normalize` as a real process: input files, output files and exit code."""

import hashlib
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROFILE = """\
apiVersion: chartly.io/v1alpha1
kind: Profile
metadata:
  kind: normalizer
  name: sales-default
  version: 1.0.0
spec:
  canonicalEventType: sales.event
  requiredFields: [event_id, amount]
  mapping:
    event_id: "$.id"
    amount: "$.totals.amount"
  transforms:
    - op: toNumber
      field: amount
"""
CONTRACT = {"type": "object", "properties": {"event_id": {"type": "string"}, "amount": {"type": "number", "minimum": 0}}}
LINES = b'{"id":"a","totals":{"amount":"1.50"}}\n{"id":"b","totals":{"amount":"-1"}}\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a profile, its contract and two records."""
    (tmp_path / "profile.yaml").write_text(PROFILE)
    (tmp_path / "contract.json").write_text(json.dumps(CONTRACT, indent=2))
    (tmp_path / "in.ndjson").write_bytes(LINES)
    return tmp_path


def normalize(folder: Path, *extra: str, source: str = "in.ndjson", stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run the command in the folder."""
    files = ["--profile", "profile.yaml", "--contract", "contract.json", "--in", source, "--out", "out"]
    command = [sys.executable, "-m", "chartly.cli", "normalize", *files, *extra]
    return subprocess.run(command, cwd=folder, input=stdin, capture_output=True, check=False)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_removes_partial_files(folder: Path, number: signal.Signals) -> None:
    """A signal during a wait for input ends the run with the signal's exit code, and no partial file stays."""
    files = ["--profile", "profile.yaml", "--contract", "contract.json", "--in", "-", "--out", "out"]
    command = [sys.executable, "-m", "chartly.cli", "normalize", *files]
    with subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        for _ in range(6000):
            if len(list(folder.glob("out/.*.partial"))) == 2:
                break
            time.sleep(0.01)
        else:
            pytest.fail("no file was begun within a minute")
        process.send_signal(number)
        assert process.wait(timeout=60) == 128 + number
    assert list(folder.glob("out/*")) == []


def test_a_closed_standard_input_is_no_empty_one(folder: Path) -> None:
    """A process without standard input gets an error, and the files of an earlier run stay."""
    assert normalize(folder).returncode == 0
    before = (folder / "out/accepted.ndjson").read_bytes()
    command = f"exec {sys.executable} -m chartly.cli normalize --profile profile.yaml --contract contract.json --in - --out out <&-"
    ran = subprocess.run(["/bin/sh", "-c", command], cwd=folder, capture_output=True, check=False)
    assert (ran.returncode, ran.stderr) == (2, b"chartly: standard input: cannot be read: it is closed\n")
    assert (folder / "out/accepted.ndjson").read_bytes() == before


def test_run_writes_both_files_and_prints_counts(folder: Path) -> None:
    """A run writes accepted and rejected records, exits with 0 and prints the counts as its last line."""
    ran = normalize(folder, "--stats", "json")
    assert (ran.returncode, ran.stderr) == (0, b"")
    accepted = (folder / "out/accepted.ndjson").read_bytes()
    record_id = b"sha256:" + hashlib.sha256(b'{"amount":1.5,"event_id":"a","type":"sales.event"}').hexdigest().encode()
    assert accepted == b'{"record":{"amount":1.5,"event_id":"a","type":"sales.event"},"record_id":"' + record_id + b'"}\n'
    rejected = json.loads((folder / "out/rejected.ndjson").read_bytes())
    assert (rejected["line"], rejected["offset"], rejected["length"]) == (2, 38, 35)
    assert rejected["reasons"] == [
        {"reason": "CONTRACT_VIOLATION", "field": "amount", "path": "/amount", "rule": "/properties/amount/minimum"}
    ]
    stats = json.loads(ran.stdout.splitlines()[-1])
    assert (stats["records"], stats["accepted"], stats["rejected"]) == (2, 1, 1)


def test_reads_standard_input(folder: Path) -> None:
    """With `-` the command reads standard input and writes the same files."""
    assert normalize(folder).returncode == 0
    from_file = (folder / "out/accepted.ndjson").read_bytes()
    assert normalize(folder, source="-", stdin=LINES).returncode == 0
    assert (folder / "out/accepted.ndjson").read_bytes() == from_file


def test_rejects_can_fail_the_command(folder: Path) -> None:
    """With --fail-on-reject a rejected record fails the command."""
    assert normalize(folder, "--fail-on-reject").returncode == 1
    (folder / "in.ndjson").write_bytes(LINES.splitlines(keepends=True)[0])
    assert normalize(folder, "--fail-on-reject").returncode == 0


@pytest.mark.parametrize(
    ("old", "new", "place", "rule"),
    [
        ("op: toNumber", "op: toNumbers", "profile.yaml:14", ""),
        ('event_id: "$.id"', 'event_id: "$.id["', "profile.yaml:11", "bad-jsonpath"),
        ("  mapping:", "  mappings: {}\n  mapping:", "profile.yaml:10", "unknown-key"),
        ('    event_id: "$.id"', '    event_id: "$.id"\n    event_id: "$.no"', "profile.yaml:12", "duplicate-key"),
    ],
)
def test_a_bad_profile_is_refused_with_line_and_rule(folder: Path, old: str, new: str, place: str, rule: str) -> None:
    """An invalid profile exits with 2, writes nothing, and prints the line and the rule."""
    (folder / "profile.yaml").write_text(PROFILE.replace(old, new))
    ran = normalize(folder)
    assert ran.returncode == 2
    assert place in ran.stderr.decode()
    assert rule in ran.stderr.decode()
    assert not (folder / "out").exists()


def test_a_bad_contract_is_refused_with_its_line(folder: Path) -> None:
    """An invalid contract exits with 2 and prints the line."""
    (folder / "contract.json").write_text('{\n  "properties": {\n    "amount": {"minimum": "zero"}\n  }\n}')
    ran = normalize(folder)
    assert ran.returncode == 2
    assert b"contract.json:3" in ran.stderr


def test_a_missing_file_is_named(folder: Path) -> None:
    """A missing profile, contract or input exits with 2 and prints the file's name."""
    assert b"nowhere" in normalize(folder, source="nowhere").stderr
    assert normalize(folder, source="nowhere").returncode == 2
    (folder / "contract.json").unlink()
    ran = normalize(folder)
    assert (ran.returncode, b"contract.json" in ran.stderr) == (2, True)


def test_base_is_found_in_the_profiles_folder(folder: Path) -> None:
    """`extends` is resolved among the files of the profile's folder."""
    (folder / "base.yaml").write_text(PROFILE.replace("name: sales-default", "name: sales-base"))
    (folder / "unrelated.yaml").write_text("not: [a profile")
    (folder / "another.yaml").write_bytes(b"# caf\xe9 in Latin-1\n")
    (folder / "a-folder.yml").mkdir()
    head = PROFILE.split("spec:", maxsplit=1)[0]
    (folder / "profile.yaml").write_text(head + 'spec:\n  extends: "tenant-demo/proj-sales::normalizer/sales-base@1.0.0"\n')
    assert normalize(folder).returncode == 0
    assert (folder / "out/accepted.ndjson").read_bytes().count(b"\n") == 1
    (folder / "base.yaml").unlink()
    ran = normalize(folder)
    assert (ran.returncode, b"profile.yaml:8" in ran.stderr, b"unknown-base" in ran.stderr) == (2, True, True)


LOOKUP = (
    '    amount: {path: "$.totals.amount", transforms: [{op: lookup, dataset: amounts, version: 2, key: code, value: is, hash: "%s"}]}\n'
)
TABLES = {
    "table.ndjson": '{"code": "1.50", "is": 3}\n{"code": "-1", "is": 4}\n',
    "table.csv": "code,is,note\n1.50,3,x\n-1,4,y\n",
}


def looks_up(folder: Path, table_hash: str) -> None:
    """Make the profile look up the amount."""
    text = PROFILE.replace('    amount: "$.totals.amount"\n', LOOKUP % table_hash)
    (folder / "profile.yaml").write_text(text)


def test_a_profile_looks_up_a_file(folder: Path) -> None:
    """A file replaces the dataset, and the profile's hash pins its content."""
    (folder / "table.ndjson").write_text(TABLES["table.ndjson"])
    looks_up(folder, "sha256:" + hashlib.sha256(b'{"-1":4,"1.50":3}').hexdigest())
    ran = normalize(folder, "--lookup", "amounts=table.ndjson")
    assert (ran.returncode, ran.stderr) == (0, b"")
    accepted = (folder / "out/accepted.ndjson").read_bytes().splitlines()
    assert [json.loads(line)["record"]["amount"] for line in accepted] == [3, 4]


@pytest.mark.parametrize(
    ("extra", "problem"),
    [
        ((), "--lookup amounts=FILE"),
        (("--lookup", "table.csv"), "NAME=FILE"),
        (("--lookup", "amounts=none.csv"), "cannot be read"),
        (("--lookup", "amounts=profile.yaml"), ".parquet"),
        (("--lookup", "amounts=table.csv"), "sha256:" + hashlib.sha256(b'{"-1":"4","1.50":"3"}').hexdigest()),
    ],
    ids=["no-file", "no-name", "no-such-file", "no-such-form", "other-hash"],
)
def test_a_table_that_is_not_the_pinned_one_is_refused(folder: Path, extra: tuple[str, ...], problem: str) -> None:
    """Exit code 2, nothing written; a wrong hash is answered with the right one. A CSV's cells are texts, and so another table."""
    (folder / "table.csv").write_text(TABLES["table.csv"])
    looks_up(folder, "sha256:" + "0" * 64)
    ran = normalize(folder, *extra)
    assert ran.returncode == 2
    assert problem in ran.stderr.decode()
    assert not (folder / "out").exists()


def test_profile_with_a_secret_is_refused(folder: Path) -> None:
    """A profile that needs a secret is refused with its place and exit code 2, since the command uses no server."""
    keyed = "  transforms:\n    - {op: hmac, field: event_id, secretRef: {name: pii, key: key}}\n"
    (folder / "profile.yaml").write_text(PROFILE.replace("  transforms:\n", keyed))
    ran = normalize(folder)
    assert ran.returncode == 2
    assert "profile.yaml:14:46: secret-out-of-reach: /spec/transforms/0/secretRef" in ran.stderr.decode()
    assert not (folder / "out").exists()
