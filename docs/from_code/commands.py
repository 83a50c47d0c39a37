"""cli.md: every command with its options, from the commands themselves."""

from collections.abc import Iterator

from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption
from typer.main import get_command

from chartly.cli.main import app

# The page's head describes these once.
_SHARED = {"--data", "--url", "--project", "--output", "--help"}
_HEAD = """# The command line

`chartly COMMAND --help` prints the same text.

- **Address.** Commands call the edge that runs on the data directory `--data` (`CHARTLY_DATA_DIR`, default `.chartly`), with the local
  operator's token from there; or the edge at `--url` (`CHARTLY_CLI_URL`), with the token in `CHARTLY_TOKEN`. `--project
  <tenant>/<project>` (`CHARTLY_CLI_PROJECT`) chooses a project if the token has several.
- **Output.** `--output table` (default) is for people. `--output json` is for programs: it prints the platform's whole answer to standard
  output. Colours and progress bars appear on a terminal only; `NO_COLOR` turns colours off.
- **Exit codes.** 0: success. 1: failure, or a check that found a fault. 2: an argument, file or document is invalid; the message names
  file, line and rule if there are any. 130: interrupted.
- **Completion.** `chartly --install-completion` for the current shell (bash, zsh, fish, PowerShell); `--show-completion` prints it.

`make generate` writes this page from the commands; don't edit it here.
"""


def commands(group: object, *path: str) -> Iterator[tuple[str, TyperCommand]]:
    """Yield every command below a group, with the words that call it.

    Raises:
        TypeError: the group contains something other than commands and groups.
    """
    if isinstance(group, TyperGroup):
        for name, command in group.commands.items():
            yield from commands(command, *path, name)
    elif isinstance(group, TyperCommand):
        yield " ".join(path), group
    else:
        raise TypeError(type(group))


def page() -> str:
    """Return the page."""
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
