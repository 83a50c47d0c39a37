"""Contracts by name and version."""

from pathlib import Path

import pytest

from chartly.contracts import Contract, ContractName, ContractStore, ContractUnknown, packaged
from chartly.contracts.pack import PATTERNS

ROOT = Path(__file__).parents[3] / "contracts"


def test_packaged_store_holds_what_the_repository_has() -> None:
    """The packaged contracts equal those in the repository; `make generate` writes them."""
    assert (Path(packaged.__file__).parent / packaged.BUNDLE).read_text("utf-8") == packaged.bundle(ROOT, PATTERNS)


@pytest.mark.parametrize("name", ["sales.event", "sales.event@1.0.0"])
def test_bare_name_means_the_first_version(name: str) -> None:
    """A name without a version means version 1.0.0."""
    assert ContractStore.packaged().get(name).name == ContractName("sales.event", "1.0.0")


@pytest.mark.parametrize(
    "name", ["", "sales", "sales.event@latest", "sales.event@1", "sales.event@01.0.0", "sales.event@1.0.0\n", "../etc.passwd"]
)
def test_malformed_name_is_unknown(name: str) -> None:
    """A malformed name is unknown like an absent one."""
    with pytest.raises(ContractUnknown):
        ContractStore.packaged().get(name)


def test_packaged_content_cannot_be_replaced() -> None:
    """A project's contract with a packaged name and version is ignored."""
    impostor = Contract(ContractName("sales.event"), {"title": "Impostor"})

    assert ContractStore.packaged().with_contracts([impostor]).get("sales.event").title == "Sales event"


def test_content_hash_ignores_layout() -> None:
    """The hash ignores the order of keys, but changes with a word of a description."""
    one = Contract(ContractName("a.b"), {"title": "x", "type": "object"})
    same = Contract(ContractName("a.b"), {"type": "object", "title": "x"})
    other = Contract(ContractName("a.b"), {"type": "object", "title": "y"})

    assert one.content_hash == same.content_hash != other.content_hash


def test_pack_reports_a_stale_bundle(tmp_path: Path) -> None:
    """A check of a stale bundle fails and writes nothing; packing makes it current."""
    (tmp_path / "v1" / "a").mkdir(parents=True)
    (tmp_path / "v1" / "a" / "b.json").write_text('{"title": "é"}')
    target = tmp_path / packaged.BUNDLE

    assert not packaged.write(tmp_path, PATTERNS, target, check=True)
    assert not target.exists()
    packaged.write(tmp_path, PATTERNS, target, check=False)
    assert packaged.write(tmp_path, PATTERNS, target, check=True)
