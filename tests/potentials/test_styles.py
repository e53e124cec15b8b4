"""Any pair style of the wheel: quench, anneal, analyze of a few atoms. All are slow together; some run always."""

import pytest

from glasscli.model.system import load_system
from glasscli.store.reader import open_run
from tests.potentials.styles import STYLES, table

ALWAYS = ("sw", "eam/alloy", "buck/coul/long", "table")
CASES = [name if name in ALWAYS else pytest.param(name, marks=pytest.mark.slow) for name in STYLES]


@pytest.mark.parametrize("name", CASES)
def test_quench_anneal_analyze(glasscli, tmp_path, name, pytestconfig):
    if name not in ALWAYS and not pytestconfig.getoption("--full-stress"):
        pytest.skip("all pair styles with --full-stress")
    (tmp_path / "lj.table").write_text(table())
    (tmp_path / "mine.toml").write_text(STYLES[name].toml("mine"))
    steps = [
        "--every",
        "20",
        "--thermo-every",
        "10",
        "--checkpoint-every",
        "40",
        "--inherent-every",
        "40",
        "--json",
    ]
    made = glasscli("quench", "--system", "mine.toml", "--steps", "40", "--equilibration", "40", *steps)
    assert made.code == 0, made.err
    assert made.data["T_f"] is None and "states no windows" in made.data["T_f_reason"]
    hot = 0.4 * STYLES[name].hot
    held = glasscli("anneal", "quench.h5", "--T", f"{hot:g}", "--steps", "40", *steps)
    assert held.code == 0, held.err
    run = open_run(tmp_path / "anneal.h5")
    energies, minima = run.thermo["potential_energy"], run.inherent_table["inherent_energy"]
    assert len(energies) >= 4 and len(minima) >= 1
    assert minima.max() < energies.min()
    measured = glasscli("analyze", "anneal.h5", "--measure", "pdf", "--json")
    assert measured.code == 0, measured.err


@pytest.mark.parametrize(
    ("commands", "words"),
    [
        (["pair_style python 2.5", "pair_coeff * * py.mine A"], "runs code from outside LAMMPS"),
        (["pair_style mliap model linear x"], "runs code from outside LAMMPS"),
        (["pair_style comb", "pair_coeff * * ffield.comb A"], "needs charges that a fix finds"),
        (["pair_style hybrid/overlay reaxff/omp NULL lj/cut 2.5"], "needs charges that a fix finds"),
        (["pair_style kim X"], "runs code from outside LAMMPS"),
        (["fix 1 all qeq/reaxff 1 0.0 10.0 1e-6 reaxff"], "command 'fix' is refused"),
        (["pair_style pace", "pair_coeff * * Cu-PBE-core-rep.ace Cu"], "package"),
        (["pair_style nosuch 2.5"], "no such pair style"),
        (["pair_style eam/alloy", "pair_coeff * * missing.eam.alloy A"], "missing.eam.alloy"),
    ],
)
def test_what_cannot_run_is_said_in_one_line(glasscli, tmp_path, commands, words):
    from tests.plain_system import PLAIN

    quoted = ", ".join(f"'{line}'" for line in commands)
    text = PLAIN.replace('"pair_style lj/cut 2.5", "pair_coeff 1 1 1.0 1.0"', quoted)
    (tmp_path / "mine.toml").write_text(text)
    refused = glasscli("quench", "--system", "mine.toml", "--steps", "20")
    assert refused.code and words in refused.err, refused.err
    assert len(refused.err.strip().splitlines()) == 1


def test_every_style_that_the_documentation_names_is_here():
    """At least twelve different ones, the names of their styles among their commands."""
    assert len(STYLES) >= 16
    for name, style in STYLES.items():
        assert any(name in line for line in style.commands if line.startswith("pair_style")), name
    assert load_system("silicon").commands[1] in STYLES["sw"].commands
