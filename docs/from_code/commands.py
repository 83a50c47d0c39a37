"""cli.md: every command with its options, from the commands themselves."""

from collections.abc import Iterator

from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption
from typer.main import get_command

from chartly.cli.main import app

# Said once, in the head.
_SHARED = {"--data", "--url", "--project", "--output", "--help"}
_HEAD = """# The command line

`chartly COMMAND --help` tells the same.

- **Where.** Commands talk to the edge that runs on `--data` (`CHARTLY_DATA_DIR`, default `.chartly`) with the local operator's token from
  there, or to `--url` (`CHARTLY_CLI_URL`) with the token in `CHARTLY_TOKEN`; `--project <tenant>/<project>` (`CHARTLY_CLI_PROJECT`) picks
  a project where the token has several.
- **How.** `--output table` (default) is for people, `--output json` for programs: the platform's whole answer on standard output. Colours
  and progress bars show on a terminal only; `NO_COLOR` is obeyed.
- **Exit codes.** 0: it went well. 1: it didn't, or what was asked about isn't as it should be. 2: what was given is wrong, with file,
  line and rule where there are any. 130: interrupted.
- **Completion.** `chartly --install-completion` for the current shell (bash, zsh, fish, PowerShell); `--show-completion` prints it.

This page is written from the commands by `make generate`; don't edit it here.
"""


def commands(group: object, *path: str) -> Iterator[tuple[str, TyperCommand]]:
    """Give every command below a group, by the words that call it.

    Raises:
        TypeError: there is something else among them.
    """
    if isinstance(group, TyperGroup):
        for name, command in group.commands.items():
            yield from commands(command, *path, name)
    elif isinstance(group, TyperCommand):
        yield " ".join(path), group
    else:
        raise TypeError(type(group))


def page() -> str:
    """Give the page."""
    lines = [_HEAD]
    for name, command in commands(get_command(app)):
        arguments = [each for each in command.params if isinstance(each, TyperArgument)]
        options = [each for each in command.params if isinstance(each, TyperOption) and not _SHARED.intersection(each.opts)]
        words = " ".join(("chartly", name, *(_place(each) for each in arguments)))
        lines.append(f"## {name}\n\n`{words}`\n\n{_text(command.help)}\n")
        if arguments or options:
            lines.append("| | |\n|---|---|")
            lines += [f"| `{_place(each)}` | {_text(each.help)} |" for each in arguments]
            lines += [f"| `{', '.join((*each.opts, *each.secondary_opts))}` | {_text(each.help)}{_default(each)} |" for each in options]
            lines.append("")
    return "\n".join(lines)


def _place(argument: TyperArgument) -> str:
    name = (argument.name or "").upper()
    many = "…" if argument.nargs == -1 else ""
    return f"{name}{many}" if argument.required else f"[{name}{many}]"


def _default(option: TyperOption) -> str:
    if option.required:
        return " Required."
    shown = getattr(option.default, "value", option.default)
    return "" if shown in (None, "", False, True) or callable(shown) else f" Default: `{shown}`."


def _text(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "&#124;")
