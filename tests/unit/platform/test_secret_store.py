"""Where secrets are found, and what is no secret."""

from collections.abc import Callable

import pytest

from chartly.platform.config import Config
from chartly.platform.identity.scope import Scope
from chartly.platform.secrets import SECRET_BYTES_MAX, SecretMissing, SecretStore

SCOPE = Scope.service("test", "tenant-demo", "proj-sales")


@pytest.mark.parametrize("content", [b"t0p", b"t0p\n", "pä€".encode(), b"x" * SECRET_BYTES_MAX], ids=["plain", "newline", "utf8", "long"])
def test_secret_is_the_files_text_without_its_newline(make_config: Callable[..., Config], content: bytes) -> None:
    """The text is UTF-8, up to the bound."""
    config = make_config()
    folder = config.data_path / "secrets" / "tenant-demo" / "proj-sales" / "feed"
    folder.mkdir(parents=True)
    (folder / "token").write_bytes(content)
    assert SecretStore(config).get(SCOPE, "feed", "token").reveal() == content.decode().removesuffix("\n")


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe", b"x" * (SECRET_BYTES_MAX + 1)], ids=["empty", "newline", "no-utf8", "long"])
def test_file_that_holds_no_secret_is_a_missing_one(make_config: Callable[..., Config], content: bytes) -> None:
    """The error names the secret; it is no fault of the platform."""
    config = make_config()
    folder = config.data_path / "secrets" / "tenant-demo" / "proj-sales" / "feed"
    folder.mkdir(parents=True)
    (folder / "token").write_bytes(content)
    with pytest.raises(SecretMissing) as missing:
        SecretStore(config).get(SCOPE, "feed", "token")
    assert (missing.value.name, missing.value.key) == ("feed", "token")


def test_missing_secret_says_where_to_put_it(make_config: Callable[..., Config], monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the environment variable and the file that would be read; either one mends it."""
    config = make_config()
    with pytest.raises(SecretMissing) as missing:
        SecretStore(config).get(SCOPE, "my-feed", "token")

    assert missing.value.variable in missing.value.message
    assert missing.value.file in missing.value.message
    file = config.data_path / missing.value.file
    file.parent.mkdir(parents=True)
    file.write_text("by-file")
    assert SecretStore(config).get(SCOPE, "my-feed", "token").reveal() == "by-file"
    monkeypatch.setenv(missing.value.variable, "by-variable")
    assert SecretStore(config).get(SCOPE, "my-feed", "token").reveal() == "by-variable"
