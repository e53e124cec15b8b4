"""What is asked for is counted before memory or time is taken; a limit is raised by an option."""

import json

import pytest

from glasscli import limits
from glasscli.errors import InputError
from glasscli.model.system import load_system
from glasscli.structures.build import choose_repeats
from glasscli.structures.phases import phase_named
from tests.attack.test_programs import one_line
from tests.plain_system import PLAIN

GRID = "[stages.quench]\n" + "\n".join(f"{key} = {list(range(1, 9001))}" for key in ("atoms", "every")) + "\n"


def test_a_grid_is_counted_before_it_is_built(tmp_path, glasscli):
    """9000 x 9000 runs: 81 million."""
    (tmp_path / "s.toml").write_text(GRID)
    one_line(
        glasscli("run", "s.toml", "--dry-run", timeout=60),
        "stage quench: 81000000 runs",
        "--allow runs=81000000",
    )
    one_line(glasscli("submit", "s.toml", timeout=60), "81000000 runs")
    assert [p.name for p in tmp_path.iterdir()] == ["s.toml"]


def test_stages_multiply(tmp_path, glasscli):
    values = list(range(1, 101))
    text = f"[stages.quench]\natoms = {values}\n"
    text += f'[stages.anneal]\nafter = "quench"\nT = {values}\nevery = {values}\n'
    (tmp_path / "s.toml").write_text(text)
    one_line(glasscli("run", "s.toml"), "stage anneal: 1000100 runs")
    (tmp_path / "s.toml").write_text("[stages.quench]\nreplicas = 3\n")
    one_line(glasscli("run", "s.toml", "--allow", "runs=2"), "stage quench: 3 runs, more than the limit of 2")


def test_replicas_are_counted(glasscli):
    one_line(glasscli("quench", "--replicas", 900_000_000), "quench: 900000000 runs", "--allow runs=")
    answer = glasscli("quench", "--replicas", 3, "--dry-run", "--allow", "runs=2")
    one_line(answer, "3 runs, more than the limit of 2")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--steps", "1e12"], "1e+12 MD steps of a run, more than the limit of 100000000000"),
        (["--atoms", "10000000000"], "10000000000 atoms to be simulated"),
        (["--ranks", "999"], "999 ranks on the cores of this machine"),
    ],
)
def test_steps_atoms_and_ranks(words, says, tmp_path, glasscli):
    one_line(glasscli("quench", *words), says, "--allow ")
    assert not list(tmp_path.iterdir())
    raised = glasscli("quench", *words, "--dry-run", "--allow", "steps=1e13", "--allow", "ranks=1000",
                      "--allow", "sample=1e11")  # fmt: skip
    assert says not in raised.err


def test_a_limit_that_is_none(glasscli):
    one_line(glasscli("quench", "--allow", "stepz=5"), "no limit 'stepz' (did you mean 'steps'?)")
    for text in ("steps", "steps=", "steps=-1", "steps=nan", "steps=0", "steps=many"):
        one_line(glasscli("quench", "--allow", text), "is not a positive number")


def test_an_option_without_a_word(glasscli):
    """An empty variable of a shell is not a default."""
    for words in (
        ["build", "fcc", "-o", "x.data", "--box="],
        ["quench", "--T-start", ""],
    ):
        one_line(glasscli(*words), "nothing is given")


def test_a_limit_reaches_what_a_command_starts(tmp_path, glasscli):
    (tmp_path / "s.toml").write_text("[stages.quench]\natoms = 300\nsteps = 50\nequilibration = 10\n")
    answer = glasscli("run", "s.toml", "--allow", "sample=200")
    assert answer.code == 2 and "300 atoms to be simulated, more than the limit of 200" in answer.err
    script = glasscli("submit", "s.toml", "--dry-run", "--allow", "sample=400")
    assert "--allow sample=400" in script.out


def test_no_stage_raises_its_own_limit(tmp_path, glasscli):
    (tmp_path / "s.toml").write_text('[stages.quench]\nlimit = "steps=1e15"\nsteps = 1000000000000\n')
    one_line(glasscli("run", "s.toml"), "'limit' is set by the study")
    (tmp_path / "s.toml").write_text('[stages.quench]\nallow = "steps=1e15"\nsteps = 1000000000000\n')
    one_line(glasscli("run", "s.toml"), "limits are raised on the command line")


BUILDS = {
    "fcc --cells 100000,100000,100000": "4e+15 atoms",
    "fcc --cells 9999999999,9999999999,9999999999": "atoms to be simulated",
    "fcc --atoms 2500000": "2500000 atoms",
    "random --atoms 30000000": "30000000 atoms",
    "fcc --lattice 1e-40 --two-cutoffs": "atoms to be simulated",
    "nanocomposite --grain-radius 5 --grains 1000000": "the nanocomposite: ",
}


@pytest.mark.parametrize("words", BUILDS)
def test_a_structure_is_counted_before_it_is_built(words, glasscli):
    one_line(glasscli("build", *words.split()), BUILDS[words])


def test_the_box_of_many_atoms_is_found_by_counting():
    """79^3 cells of 4 atoms are 1 972 156; no other box is as near to them and a cube."""
    cell = phase_named("fcc", load_system("wahnstrom")).cell(0.93)
    assert choose_repeats("fcc", cell, 4 * 79**3, 0.0) == (79, 79, 79)


READERS = (
    ["run", "s.toml"],
    ["quench", "--system", "s.toml"],
    ["submit", "--cluster", "s.toml", "--", "quench"],
)
DEEP = {
    "arrays": "a = " + "[" * 5000 + "]" * 5000,
    "tables": "a = " + "{b=" * 5000 + "1" + "}" * 5000,
    "keys": ".".join(["a"] * 5000) + " = 1",
    "headers": "[" + ".".join(["a"] * 5000) + "]\nb = 1",
    "digits": "a = " + "9" * 5000,
}


@pytest.mark.parametrize("kind", DEEP)
def test_deep_texts(kind, tmp_path, glasscli):
    (tmp_path / "s.toml").write_text(DEEP[kind])
    for words in (
        ["run", "s.toml"],
        ["quench", "--system", "s.toml"],
        ["submit", "--cluster", "s.toml", "--", "quench"],
    ):
        answer = glasscli(*words, timeout=60)
        one_line(answer, "s.toml: not TOML")


def test_deep_records(tmp_path, glasscli):
    deep = "[" * 100_000 + "]" * 100_000
    records = tmp_path / "glasscli-tasks"
    records.mkdir()
    for name in ("plan.json", "jobs.json"):
        (records / name).write_text(deep)
        one_line(glasscli("status"), name, "damaged", code=0)
        (records / name).unlink()
    for name in ("run.json", "history", "lock"):
        working = tmp_path / "q.h5.partial"
        working.mkdir(exist_ok=True)
        (working / "run.json").write_text('{"protocol": {"steps": 5}}')
        (working / name).write_text(deep)
        answer = glasscli("status")
        assert answer.code == 0 and "Traceback" not in answer.err, answer.err
        one_line(glasscli("resume", "q.h5"), "damaged", code=1)


def test_a_huge_text(tmp_path, glasscli):
    with (tmp_path / "s.toml").open("wb") as file:
        file.truncate(10**10)  # takes no disk
    for words in (
        ["run", "s.toml"],
        ["quench", "--system", "s.toml"],
        ["submit", "--cluster", "s.toml", "--", "quench"],
    ):
        one_line(
            glasscli(*words, timeout=60), "10000000000 bytes of a file that people write", "--allow toml="
        )


def test_a_huge_potential(tmp_path):
    with (tmp_path / "big.fs").open("wb") as file:
        file.truncate(10**12)
    text = PLAIN.replace("lj/cut 2.5", "eam/fs").replace("1 1 1.0 1.0", "* * big.fs A")
    (tmp_path / "s.toml").write_text(text)
    from glasscli.engine.library import potentials

    with pytest.raises(OSError, match=r"1e\+12 bytes of a potential"):
        potentials(load_system(str(tmp_path / "s.toml")))


@pytest.mark.parametrize(
    ("style", "says"),
    [
        ("pair_style lj/cut 200", "more memory than such a sample takes"),
        ("pair_style lj/cut 1e30", "is beyond 1e+15"),
        ('pair_style lj/cut 2.5", "comm_modify cutoff 1e30', "is beyond 1000"),
    ],
)
def test_a_wild_cutoff_takes_no_memory(style, says, tmp_path, glasscli):
    """A range of 200 in a box of 7 would be 1e7 images of 300 atoms with all their neighbours."""
    (tmp_path / "s.toml").write_text(PLAIN.replace("pair_style lj/cut 2.5", style))
    answer = glasscli("quench", "--system", "s.toml", "--atoms", 300, "--steps", 10, timeout=120)
    assert answer.code and says in answer.err and answer.err.count("\n") == 1, answer.err


def test_a_wide_skin_is_refused(tmp_path, glasscli):
    (tmp_path / "s.toml").write_text(PLAIN.replace("skin = 0.3", "skin = 1e6"))
    one_line(glasscli("quench", "--system", "s.toml"), "skin 1e+06 is wider than the cutoff")


def test_depth_is_counted_by_hand():
    nested: object = 1
    for _ in range(limits.DEEPEST - 1):
        nested = [nested]
    limits.check_depth(nested)
    with pytest.raises(ValueError, match="deep"):
        limits.check_depth([[nested]])
    with pytest.raises(ValueError, match="without end"):
        limits.parse_json("[" * 100_000)
    assert limits.parse_json(json.dumps({"a": [1]})) == {"a": [1]}
    with pytest.raises(InputError, match="5 runs, more than the limit of 4"):
        limits.Limit("GLASSCLI_MAX_NONE", 4, "runs").check(5, "here", InputError)
