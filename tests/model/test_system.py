"""Systems are data; a stranger's file cannot run a program."""

import pytest

from glasscli.errors import InputError, MissingFileError
from glasscli.model.commands import check_command
from glasscli.model.composition import parse_composition
from glasscli.model.system import built_in_systems, load_system
from tests.plain_system import PLAIN


def written(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    return str(path)


def test_built_in_systems_load():
    assert {"cuzr", "kob-andersen", "soft-sphere", "wahnstrom"} <= set(built_in_systems())
    for name in built_in_systems():
        assert load_system(name).name == name


def test_wahnstrom_is_derlets():
    system = load_system("wahnstrom")
    assert [s.mass for s in system.species] == [1.0, 0.5]
    assert (system.timestep, system.defaults.volume_per_atom) == (0.002778, 0.767)
    sigmas = [float(c.split()[-1]) for c in system.commands if c.startswith("pair_coeff")]
    assert sigmas == pytest.approx([1, 11 / 12, 5 / 6], abs=1e-15)


def test_composition():
    system = load_system("wahnstrom")
    assert system.counts(500, {"L": 0.3, "S": 0.7}) == (150, 350)
    assert system.counts(500) == (250, 250)
    assert system.counts(300, 2 / 3) == (100, 200)
    with pytest.raises(InputError, match="between 0 and 1"):
        system.counts(500, 1.4)
    with pytest.raises(InputError, match="one number, for a system of two species"):
        load_system("soft-sphere").counts(500, 0.5)


ALLOY = [("Cu", 63.5, 0.5), ("Zr", 91.2, 0.4), ("Al", 27.0, 0.1)]


def alloy(tmp_path):
    """A system of three species, whose commands matter to nobody here."""
    species = "".join(f'[[species]]\nname = "{n}"\nmass = {m}\nfraction = {f}\n' for n, m, f in ALLOY)
    text = PLAIN.replace('[[species]]\nname = "A"\nmass = 1.0\nfraction = 1.0\n', species)
    return load_system(written(tmp_path, text))


def test_composition_by_name_of_any_number_of_species(tmp_path):
    system = alloy(tmp_path)
    assert system.counts(1000) == (500, 400, 100)
    assert system.counts(1000, parse_composition("Cu=0.45, Al=0.10,Zr=0.45")) == (450, 450, 100)
    # What is not named is not there, and no rounding brings it in.
    assert system.counts(501, {"Zr": 0.5, "Al": 0.5}) == (0, 251, 250)
    for atoms in range(1, 60):
        assert sum(system.counts(atoms, {"Cu": 1 / 3, "Zr": 1 / 3, "Al": 1 / 3})) == atoms
    for wrong, words in [
        ("Cu=0.5,Zr=0.4", "add up to 0.9"), ("Cu=0.5,Ag=0.5", "no species 'Ag'"), ("Cu=1.5,Zr=-0.5", "between 0 and 1"),
        ("0.5", "say each by name"),
    ]:  # fmt: skip
        with pytest.raises(InputError, match=words):
            system.counts(100, parse_composition(wrong))
    for wrong in ("Cu", "Cu=", "=0.5", "Cu=half", "Cu=nan", "Cu=0.5;Zr=0.5", "Cu=0.5,Cu=0.5"):
        with pytest.raises(InputError, match="--composition"):
            parse_composition(wrong)


def test_a_users_file_loads(tmp_path):
    assert load_system(written(tmp_path, PLAIN)).name == "mine"


def test_potential_files_are_found_beside_the_system(tmp_path):
    (tmp_path / "my potential.fs").write_text("x")
    (tmp_path / "x.fs").write_text("x")
    text = PLAIN.replace('"pair_coeff 1 1 1.0 1.0"', '"pair_coeff * * x.fs A"')
    assert load_system(written(tmp_path, text)).potential_files == {"x.fs": str(tmp_path / "x.fs")}


@pytest.mark.parametrize(
    "line",
    [
        "shell rm -rf /",
        "python run here 'import os'",
        "include other.in",
        "pair_style python 5.0",
        "pair_style hybrid lj/cut 2.5 python 5.0",
        "pair_style hybrid/overlay lj/cut 2.5 mliap/kk model x",
        "pair_coeff 1 1 ${evil}",
        "pair_coeff 1 1 $(1+1)",
        "pair_coeff 1 1 $x",
        "pair_coeff 1 1 `id`",
        "pair_coeff 1 1 1.0 &",
        "pair_style lj/cut 2.5\nshell id",
        "pair_style lj/cut 2.5\rshell id",
        "pair_coeff * * x.fs.gz A",
        'pair_coeff * * "a;b.gz" A',
        "read_restart x",
        "variable x getenv HOME",
        "print hello file /tmp/x",
        "plugin load x.so",
        "pair_write 1 1 10 r 1 2 file",
        "",
    ],
)
def test_commands_that_are_not_a_model_are_refused(line, tmp_path):
    with pytest.raises(ValueError, match=r"refused|line break"):
        check_command(line)
    quoted = line.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    with pytest.raises(InputError) as refused:
        load_system(written(tmp_path, PLAIN.replace("pair_style lj/cut 2.5", quoted)))
    assert "mine.toml" in str(refused.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("timestep", "timestepp"), "did you mean 'timestep'"),
        (("mass = 1.0", "mass = 1.0\nweight = 2"), "unknown key"),
        (("mass = 1.0", "mass = -1.0"), "species.0.mass"),
        (("fraction = 1.0", "fraction = 0.6"), "add up to 0.6"),
        (
            ('units = "lj"', 'units = "si"'),
            "'si' is not among the units that glasscli knows: lj, metal, real",
        ),
        (('units = "lj"', 'units = "electron"'), "lj, metal, real"),
        (("fraction = 1.0", "fraction = 1.0\ndiameter = -1.0"), "species.0.diameter"),
        (("cutoff = 2.5", 'cutoff = "far"'), "cutoff"),
        (("[fictive]", "[fictive"), "not TOML"),
        (("T_start = 2.0\n", ""), "T_start"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(tmp_path, change, words):
    with pytest.raises(InputError, match=words):
        load_system(written(tmp_path, PLAIN.replace(*change)))


def test_unknown_and_missing_systems():
    with pytest.raises(InputError, match="did you mean 'wahnstrom'"):
        load_system("wahnstorm")
    with pytest.raises(MissingFileError, match="no such system file"):
        load_system("nowhere/my.toml")
