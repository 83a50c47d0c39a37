"""What holds for every command."""

import pytest
from docs.from_code.commands import commands
from typer.main import get_command

from chartly.cli.main import app

# Processes that run until they are ended, and what prints one text that a program takes as it is.
WITHOUT_OUTPUT = {"up", "serve", "drone", "demo", "normalize", "auth token", "profile resolve"}


COMMANDS = dict(commands(get_command(app)))


@pytest.mark.parametrize("name", COMMANDS)
def test_command_and_its_parameters_explain_themselves(name: str) -> None:
    """Nothing is without a line of help."""
    command = COMMANDS[name]

    assert command.help
    assert [parameter.name for parameter in command.params if not getattr(parameter, "help", None)] == []


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - WITHOUT_OUTPUT))
def test_answer_comes_as_a_table_or_as_json(name: str) -> None:
    """Every command with a result has --output."""
    (output,) = [parameter for parameter in COMMANDS[name].params if parameter.name == "output"]

    assert output.opts == ["--output", "-o"]
