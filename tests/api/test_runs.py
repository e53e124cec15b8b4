"""`glasscli.quench` and its like: the same options, the same run."""

import inspect

import click
import pytest

from glasscli.api import runs
from glasscli.cli import main
from glasscli.errors import InputError
from tests.conftest import run_glasscli

SHORT = {"every": 500, "inherent_every": 500, "checkpoint_every": 500}
# Many runs, or none: left to the command line.
ONLY_THERE = {
    "replicas",
    "replica",
    "jobs",
    "dry-run",
    "json",
    "debug",
    "allow",
    "exchange-replicas",
    "tune",
    "certificate",
}


@pytest.mark.parametrize("kind", ["quench", "anneal", "hybrid"])
def test_the_options_are_those_of_the_command(kind):
    command = main.get_command(None, kind)
    options = {max(o.opts, key=len).lstrip("-"): o for o in command.params if isinstance(o, click.Option)}
    parameters = dict(inspect.signature(getattr(runs, kind)).parameters)
    assert parameters.pop("command_line").default is None and "start" in parameters
    del parameters["start"]
    parameters["from"] = parameters.pop("origin", None)
    names = {name.replace("_", "-"): parameter for name, parameter in parameters.items() if parameter}
    assert set(names) == set(options) - ONLY_THERE
    given = command.make_context(kind, []).params
    for name, parameter in names.items():
        if name not in ("output", "T"):
            assert parameter.default == given[options[name].name], name


def test_functions_make_what_commands_make(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = runs.quench(atoms=200, steps=1000, equilibration=100, T_start="2", output="q.h5", **SHORT)
    assert run.finished and run.path.name == "q.h5" and len(run.frames) == 3
    said = run.stored.manifest.command_line
    assert said == (
        "glasscli quench --atoms 200 --T-start 2 --steps 1000 --equilibration 100 --seed 1 --every 500 "
        "--inherent-every 500 --checkpoint-every 500 -o q.h5"
    )
    held = runs.anneal("q.h5", T=0.5, steps=500, origin="final", command_line="mine", **SHORT)
    assert held.protocol.constant_temperature == 0.5 and held.stored.manifest.command_line == "mine"
    mixed = runs.hybrid("q.h5", T=0.8, steps=500, mu=(0.0, 0.5), output="h.h5", **SHORT)
    assert mixed.protocol.species_vary and "--mu 0.0,0.5" in mixed.stored.manifest.command_line
    # Their command lines are those of the same runs: finished, nothing to do.
    for again in (run, mixed):
        answer = run_glasscli(*again.stored.manifest.command_line.split()[1:], "--json", cwd=tmp_path)
        assert answer.code == 0 and answer.data["file"] == str(again.path), answer.err
    with pytest.raises(InputError, match="a quench cools"):
        runs.quench(T_start=0.1, T_end=0.2)
