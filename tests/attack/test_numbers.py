"""Every number of every command, absurd: one line and a failure, or an answer that is one; never a crash or a hang."""

import json
import random
import shutil
import signal
from collections.abc import Iterator
from dataclasses import astuple
from pathlib import Path

import click
import pytest

from glasscli.cli import main
from glasscli.errors import EXIT_USAGE, GlassError
from tests.conftest import run_glasscli

NO_NUMBERS = ("nan", "inf", "-inf", "1e999")
ABSURD = (*NO_NUMBERS, "-1", "0", "1e308", "1e-308", "9" * 30)
SECONDS, MEMORY = 20, 2 * 10**9  # of a processor: a busy machine has few of its own
# What makes each command begin its work; the others only parse.
GLASS = ["glass.h5"]
SMALL = ["--atoms", "200", "--steps", "60", "--equilibration", "30", "--force"]
WORK = {
    "build": ["fcc", "-o", "out.data", "--force"],
    "eos": ["fcc", "--points", "5"],
    "quench": [*SMALL, "-o", "q.h5"],
    "anneal": [*GLASS, "--T", "0.5", "--steps", "60", "--force", "-o", "a.h5"],
    "hybrid": [*GLASS, "--T", "0.5", "--steps", "60", "--force", "-o", "h.h5"],
    "resume": ["part.h5", "--walltime", "0"],
    "analyze": [*GLASS, "--jobs", "1", "--measure", "icosahedra,pdf,structure-factor"],
    "modes": [*GLASS, "--count", "2", "--frames", "1"],
    "landscape events": GLASS,
    "landscape barriers": [*GLASS, "--limit", "1", "--walltime", "1"],
    "export": [*GLASS, "-o", "out.xyz", "--force"],
    "theory excitations": GLASS,
    "theory glass": GLASS,
    **{f"theory {name}": [] for name in
       ("levels", "participation", "stability", "electrons", "kinetics", "fragment")},
    "theory spectrum": ["--model", "spm"],
}  # fmt: skip
# Options whose words hold numbers: the rest of them name things.
WORDS_OF_NUMBERS = {
    "--cells", "--box", "--lattice", "--temperature", "--species-volumes", "--T-start", "--T-end", "--steps", "--T",
    "--time", "--walltime", "--mu", "--exchange-replicas", "--radii", "--q-range",
}  # fmt: skip


def commands(group: click.Group = main, *above: str) -> Iterator[tuple[str, click.Command]]:
    """All commands of the tree by what calls them."""
    for name in group.list_commands(click.Context(group)):
        found = group.get_command(click.Context(group), name)
        if isinstance(found, click.Group):
            yield from commands(found, *above, name)
        else:
            yield " ".join([*above, name]), found


def numeric(command: click.Command) -> Iterator[click.Option]:
    """Options that take a number."""
    for option in command.params:
        if isinstance(option, click.Option) and not option.is_flag and not option.count:
            kind = type(option.type).__name__
            numbers = isinstance(option.type, click.types.FloatParamType | click.types.IntParamType)
            if numbers or kind in ("Quantity", "Numbers") or longest(option) in WORDS_OF_NUMBERS:
                yield option


def longest(option: click.Option) -> str:
    return max(option.opts, key=len)


def test_no_option_takes_a_number_that_is_none():
    """nan, infinities and what overflows to them, of all options whose type is a number: refused as they are read."""
    tried = 0
    for name, command in commands():
        for option in numeric(command):
            if longest(option) in WORDS_OF_NUMBERS and type(option.type).__name__ not in (
                "Quantity",
                "Numbers",
            ):
                continue
            for value in NO_NUMBERS:
                words = [f"{longest(option)}={value}"]
                with pytest.raises((click.UsageError, GlassError)) as refused:
                    command.make_context(name, words + needed(command, option))
                assert refused.value.exit_code == EXIT_USAGE
                line = (
                    refused.value.format_message()
                    if isinstance(refused.value, click.UsageError)
                    else str(refused.value)
                )
                assert "\n" not in line and longest(option).strip("-").split("-")[0] in line, (
                    name,
                    words,
                    line,
                )
                tried += 1
    assert tried > 500


def needed(command: click.Command, option: click.Option) -> list[str]:
    """What the command cannot do without, beside an option."""
    required = [p for p in command.params if p.required and p is not option]
    return ["x" if isinstance(p, click.Argument) else f"{max(p.opts, key=len)}=1" for p in required]


@pytest.fixture(scope="module")
def folder(tmp_path_factory, runs) -> Path:
    """A glass, and an unfinished run."""
    folder = tmp_path_factory.mktemp("numbers")
    shutil.copy(runs / "anneal.h5", folder / "glass.h5")
    part = ["quench", *SMALL, "-o", "part.h5", "--checkpoint-every", "30", "--walltime", "0"]
    assert run_glasscli(*part, cwd=folder).code == 75
    return folder


def cases() -> list[tuple[str, str, str]]:
    tree = dict(commands())
    return [(name, longest(o), value) for name in WORK for o in numeric(tree[name]) for value in ABSURD]


def test_absurd_numbers(folder, pytestconfig, capsys):
    """Each number of each command at work, reduced by seed in CI."""
    chosen = cases()
    if not pytestconfig.getoption("--full-stress"):
        chosen = random.Random(20).sample(chosen, 40)
    wrong, refused = [], 0
    for name, option, value in chosen:
        words = [*name.split(), *WORK[name], f"{option}={value}", "--json"]
        code, problem = said(words, value, folder)
        refused += code not in (0, 75)
        if problem:
            wrong.append(f"{' '.join(words)}: {problem}")
    with capsys.disabled():
        print(f"\n{len(chosen)} absurd numbers: {refused} refused in one line, the others answered")
    assert not wrong, "\n".join(wrong)


def said(words: list[str], value: str, folder: Path) -> tuple[int, str]:
    """The exit code, and what is wrong with what was said."""
    code, out, err = astuple(run_glasscli(*words, cwd=folder, limits=(MEMORY, SECONDS)))
    if code == -signal.SIGXCPU:
        return 0, "hangs"
    if code < 0 or "Traceback" in err or "unexpected" in err:
        return code, f"ended with {code}: {err}"
    if "NaN" in out or "Infinity" in out:
        return code, f"says {out}"
    told = json.loads(out)
    if code in (0, 75):
        return code, "taken" if value in NO_NUMBERS else ""
    if err.count("\n") != 1 or len(err) <= 20 or told["exit_code"] != code:
        return code, f"not one line: {err}"
    return code, ""
