"""`glasscli systems`: the list, one of them, and what a hundred steps of a melt say."""

import pytest

from glasscli.model.system import built_in_systems, load_system
from tests.charges import salts
from tests.plain_system import PLAIN


def test_systems_are_listed_and_shown(glasscli):
    found = glasscli("systems", "--json")
    assert found.code == 0, found.err
    rows = {row["name"]: row for row in found.data["systems"]}
    assert set(rows) >= set(built_in_systems())
    assert set(built_in_systems()) >= {
        "silica",
        "silica-vashishta",
        "silicon",
        "kob-andersen",
        "cuzr",
        "cuagau",
    }
    for row in rows.values():
        assert set(row) == {"name", "units", "species", "charged", "dimension", "source"}
        assert (
            row["dimension"] == (2 if row["name"] in ("kob-andersen-2d", "falk-langer") else 3)
            and row["species"]
        )
        assert row["source"], row["name"]
    assert rows["silica"]["charged"] and not rows["silica-vashishta"]["charged"]
    assert rows["cuagau"]["species"] == ["Cu", "Ag", "Au"]
    shown = glasscli("systems", "silica")
    assert (
        "charge +2.4" in shown.out
        and "kspace_style pppm 1e-6" in shown.out
        and "Phys. Rev. Lett." in shown.out
    )
    assert glasscli("systems", "silica", "--json").data["systems"] == [rows["silica"]]


@pytest.mark.parametrize(
    ("words", "said"),
    [(["nosuch"], "unknown system"), (["check"], "check and one"), (["silica", "silicon"], "one NAME")],
)
def test_what_is_no_system_is_one_line(glasscli, words, said):
    refused = glasscli("systems", *words)
    assert refused.code and said in refused.err and len(refused.err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "exchanges", "hessian", "landscape", "note"),
    [
        (
            salts.salt(salts.EWALD),
            "lammps",
            "ewald",
            "ewald",
            "sums charges over all periodic images",
        ),
        (salts.salt(salts.CUT), "local", "pairwise", None, "the force jumps by"),
        (salts.salt(salts.WOLF), "lammps", "differences", "differences", "does not support pair_write"),
        (salts.salt(salts.DSF, diameter=1.0), "lammps", "differences", "differences", "atoms with diameters"),
    ],
    ids=["ewald", "cut", "wolf", "spheres"],
)
def test_a_checked_system_says_what_it_can_do(glasscli, tmp_path, text, exchanges, hessian, landscape, note):
    (tmp_path / "my.toml").write_text(text)
    found = glasscli("systems", "check", "my.toml", "--json")
    assert found.code == 0, found.err
    data = found.data
    assert set(data) == {"system", "energy", "exchanges", "hessian", "landscape", "notes"}
    assert (data["system"], data["exchanges"], data["hessian"], data["landscape"]) == (
        "salt", exchanges, hessian, landscape,
    )  # fmt: skip
    assert -20 < data["energy"] < 0
    assert any(note in said for said in data["notes"]), data["notes"]
    assert any("no [fictive] windows" in said for said in data["notes"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["my.toml"]


def test_a_system_that_cannot_run_says_why(glasscli, tmp_path):
    (tmp_path / "my.toml").write_text(salts.salt(["pair_style lj/cut 2.5"]))
    refused = glasscli("systems", "check", "my.toml")
    assert refused.code and "pair coeff" in refused.err.lower() and len(refused.err.strip().splitlines()) == 1


def test_forces_beyond_the_stated_cutoff_are_told(tmp_path, glasscli):
    """Boxes, Hessians and exchanges trust it."""
    for cutoff in ("2.0", "2.5"):
        (tmp_path / "mine.toml").write_text(PLAIN.replace("cutoff = 2.5", f"cutoff = {cutoff}"))
        checked = glasscli("systems", "check", "mine.toml", "--json")
        assert checked.code == 0, checked.err
        told = [note for note in checked.data["notes"] if "beyond the cutoff of 2:" in note]
        assert len(told) == (cutoff == "2.0")


def test_a_system_is_written_to_make_ones_own_of(glasscli, tmp_path):
    """Comments and all, under the file's name, and never over what stands there."""
    assert glasscli("systems", "kob-andersen-ternary", "-o", "mine.toml").code == 0
    text = (tmp_path / "mine.toml").read_text()
    assert 'name = "mine"' in text and text.startswith("#")
    mine, theirs = load_system(str(tmp_path / "mine.toml")), load_system("kob-andersen-ternary")
    assert mine.name == "mine" and mine.commands == theirs.commands
    for words in (("silica", "-o", "mine.toml"), ("silica", "-o", "wahnstrom.toml"), ("-o", "other.toml")):
        refused = glasscli("systems", *words)
        assert refused.code in (1, 2) and refused.err.count("\n") == 1
    assert (tmp_path / "mine.toml").read_text() == text
