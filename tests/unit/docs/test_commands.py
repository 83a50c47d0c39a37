"""Commands that pages, help texts and messages mention exist, with their options."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from chartly.cli.main import app

ROOT = Path(__file__).parents[3]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
SOURCES = sorted((ROOT / "services" / "chartly" / "cli").rglob("*.py"))
# In pages: inline code, and lines of shell blocks with their continuations. In sources: code within texts, and next steps.
_INLINE = re.compile(r"`(?:\.venv/bin/)?(chartly [a-z][^`\n]*)`")
_LINE = re.compile(r"^(?:\$ )?(?:[A-Z]+=\$\()?(?:\.venv/bin/)?(chartly [a-z](?:[^\n\\]|\\\n|\\.)*)", re.MULTILINE)
_NEXT = re.compile(r"(?:Next: |with: |\| |append\(f?\")(chartly [a-z][^\"\n]*)")


def mentioned() -> Iterator[tuple[str, str]]:
    """Yield (file, command) of every mention."""
    for page in PAGES:
        text = page.read_text("utf-8")
        blocks = "\n".join(re.findall(r"```(?:sh|console)\n(.*?)```", text, re.DOTALL))
        for command in (*_INLINE.findall(text), *_LINE.findall(blocks)):
            yield str(page.relative_to(ROOT)), command
    for source in SOURCES:
        text = source.read_text("utf-8")
        for command in (*_INLINE.findall(text), *_NEXT.findall(text)):
            yield str(source.relative_to(ROOT)), command


FOUND = sorted(set(mentioned()))


def words_of(command: str) -> list[str]:
    """Return the words of a command up to a pipe, a comment or the end of the sentence."""
    text = re.split(r"\s#\s|\s\||;|\s&|\)$|,\s", command.replace("\\\n", " "))[0]
    try:
        return shlex.split(text)[1:]
    except ValueError:
        return text.split()[1:]


@pytest.mark.parametrize(("file", "command"), FOUND)
def test_mentioned_command_exists(file: str, command: str) -> None:
    """Each word leads to a command of the group before it, and each option is one of the command's."""
    found: Any = get_command(app)
    words = words_of(command)
    while words and hasattr(found, "commands"):
        assert words[0] in found.commands or words[0].startswith("-"), f"{file}: {command}"
        found = found.commands.get(words.pop(0), found)
    options = {name for parameter in found.params for name in (*parameter.opts, *parameter.secondary_opts)} | {"--help", "-h"}
    unknown = [word for word in words if re.fullmatch(r"--[a-z][a-z-]*", word) and word not in options]
    assert unknown == [], f"{file}: {command}"


def test_pages_mention_most_commands() -> None:
    """The patterns find what they look for: pages, help texts and next steps all mention commands."""
    assert len(FOUND) > 60
    assert {Path(file).suffix for file, _ in FOUND} == {".md", ".py"}
