"""Properties of every command."""

import pytest
from docs.from_code.commands import commands
from typer.main import get_command

from chartly.cli.main import app

# Processes that run until they are ended, and what prints one text that a program takes as it is.
WITHOUT_OUTPUT = {"up", "serve", "drone", "demo", "normalize", "auth token", "profile resolve"}


COMMANDS = dict(commands(get_command(app)))


@pytest.mark.parametrize("name", COMMANDS)
def test_command_and_its_parameters_have_help(name: str) -> None:
    """Each command and each of its parameters has a help text."""
    command = COMMANDS[name]

    assert command.help
    assert [parameter.name for parameter in command.params if not getattr(parameter, "help", None)] == []


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - WITHOUT_OUTPUT))
def test_command_with_a_result_has_output_option(name: str) -> None:
    """Each command that prints a result has --output."""
    (output,) = [parameter for parameter in COMMANDS[name].params if parameter.name == "output"]

    assert output.opts == ["--output", "-o"]
