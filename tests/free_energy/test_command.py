"""The command as a whole: what it answers, that it goes on where it was, and what it refuses."""

import csv

import pytest

from glasscli.free_energy.question import Question, Wanted, named
from glasscli.free_energy.study import tasks_of
from glasscli.free_energy.tasks import GAS
from glasscli.model.system import load_system
from tests.plain_system import PLAIN

ARGS = [
    "fcc",
    "--temperature",
    "0.5",
    "--volume",
    "0.95,1.0",
    "--atoms",
    "32",
    "--steps",
    "10",
    "--switches",
    "2",
]
ARGS += ["--rounds", "100", "--jobs", "1"]


@pytest.fixture
def system(tmp_path):
    (tmp_path / "mine.toml").write_text(PLAIN)
    return ["--system", "mine.toml"]


def test_a_crystal_its_answer_and_the_same_again(glasscli, system, tmp_path):
    asked = glasscli("free-energy", *ARGS, *system, "--dry-run", "--json").data
    assert asked["tasks"] == 2 and asked["seconds"] > 0 and not (tmp_path / "free-energy.db").exists()
    said = glasscli("free-energy", *ARGS, *system, "--json")
    found = said.data
    assert said.code == 0 and [one["volume"] for one in found["phases"]] == [0.95, 1.0]
    for one in found["phases"]:
        assert one["method"] == "einstein" and one["phase"] == "fcc-A" and one["dissipation"] > 0
        assert one["S"] == pytest.approx((one["U"] - one["F"]) / 0.5)
        assert one["size_correction"] == pytest.approx(0.5 * 3.4657 / 64, rel=1e-4)
    assert found["missing"] == 0 and found["convention"]["hbar"] == 1.0
    lines = (tmp_path / "free-energy-phases.csv").read_text().splitlines()
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    assert len(rows) == 2 and (tmp_path / "free-energy-curves.png").exists()
    kept = (tmp_path / "free-energy.db").read_bytes()
    again = glasscli("free-energy", *ARGS, *system, "--json").data
    assert again["phases"] == found["phases"] and (tmp_path / "free-energy.db").read_bytes() == kept
    anew = glasscli("free-energy", *ARGS, *system, "-o", "anew", "--no-figure", "--json").data
    assert anew["phases"] == found["phases"], "the same seed, other bits"


def test_liquids_named_with_their_share_are_at_volumes_of_their_own():
    named = (Wanted("liquid:0.2", (0.9, 0.95)), Wanted("liquid:0.5", (0.8,)), Wanted("liquid"))
    asked = Question(named, (0.8, 1.0), volumes=(0.767,), atoms=(200,), ways=(GAS,), composition=0.4)
    found = {(task.composition, task.volume) for task in tasks_of(load_system("wahnstrom"), asked)}
    assert found == {(0.2, 0.9), (0.2, 0.95), (0.5, 0.8), (0.4, 0.767)}


def test_a_phase_named_twice_is_one_phase_at_all_its_volumes():
    apart = (Wanted("c14", (0.66,)), Wanted("hcp-large", (0.9, 1.0)), Wanted("C14", (0.7, 0.66)))
    asked = Question(apart, (0.5,), mix=("c14", "hcp-large"), mix_volume=0.75)
    assert [(one.name, one.volumes) for one in named(load_system("wahnstrom"), asked)] == [
        ("c14", (0.66, 0.7)),
        ("hcp-large", (0.9, 1.0)),
    ]


@pytest.mark.parametrize(
    ("words", "line"),
    [  # all of it before any work: of a dry run too
        ("fcc --temperature warm", "temperature 'warm'"),
        ("fcc@ --temperature 0.5", "names no volume after @"),
        ("fcc --temperature 0.5 --volume=-1", "--volume -1: all must be positive"),
        ("fcd --temperature 0.5", "unknown phase 'fcd'"),
        ("fcc:0.5 --temperature 0.5", "mine has one species, nothing to share sites with"),
        ("c15:half --temperature 0.5 --system wahnstrom", "after the colon stands a share"),
        ("liquid:1.5@0.8 --temperature 0.5 --system wahnstrom", "after the colon stands a share"),
        ("liquid:0.5 --temperature 0.5", "mine has one species, a liquid of it has no composition"),
        ("c15:0.6667 --temperature 0.5 --system wahnstrom", "c15 has that composition itself"),
        ("fcc --temperature 0.5 --atoms 10.5", "no whole number"),
        (
            "c15 liquid:0.5 --temperature 0.5 --composition 0.4 --system wahnstrom",
            "none of them is asked for",
        ),
        ("liquid --temperature 0.5 --atoms 150 --system wahnstrom", "give --atoms 163 or more"),
        ("liqid --temperature 0.5", "did you mean 'liquid'?"),
        ("liquid --temperature 0.5 --composition 1.5 --system wahnstrom", "1.5 is not between 0 and 1"),
        ("liquid:0.3 --temperature 0.5 --system kob-andersen-ternary", "for a system of two species"),
        ("fcc --temperature 0.5 --atoms 3", "the cell of fcc-A has 4 atoms"),
        ("fcc --temperature 0.5 --atoms 1e9", "--allow sample=1000000000"),
        ("fcc-large:0.001 --temperature 0.5 --atoms 256 --system wahnstrom", "of 256 atoms that is none"),
        ("fcc --temperature 0.5 --mix-volume 1", "--mix-volume is of --mix"),
        ("fcc@0.9,1 hcp --temperature 0.5 --mix fcc,hcp", "F of hcp-A against V needs two volumes"),
        ("fcc@0.9,1 --temperature 0.5 --mix fcc,hcp", "hcp-A is none of PHASES"),
        ("fcc@0.9,1 hcp@0.9,1 --temperature 0.5 --mix fcc,hcp --mix-volume 2", "share 0.9 to 1 an atom"),
        (
            "c14@0.6,0.7 hcp-large@0.9,1 --temperature 0.5 --mix c14,hcp-large --composition 0.9 --system wahnstrom",
            "give --composition between 0 and 0.6667",
        ),
        ("fcc --temperature 0.5 --liquidus 0.2,0.5", "--liquidus is of `liquid`"),
        (
            "fcc liquid --temperature 1,2 --liquidus 0,1 --system kob-andersen-ternary",
            "for a system of two species",
        ),
        ("liquid --temperature 1,2 --liquidus 0.2,0.5 --system wahnstrom", "needs crystals that may freeze"),
        ("c14 liquid --temperature 1 --liquidus 0.2,0.5 --system wahnstrom", "give two or more"),
        ("fcc --temperature 0.5 --pressure 1", "--pressure compares phases"),
        ("fcc hcp@0.9,1 --temperature 0.5 --pressure 1", "at --pressure fcc-A needs two volumes"),
        ("coexist fcc@0.9 --temperature 0.5 --pressure 1", "leave out @ and :"),
        (
            "c15 --temperature 300K --system silica",
            "free-energy needs forces summed over pairs by glasscli itself",
        ),
    ],
)
def test_what_cannot_be_is_one_line(glasscli, system, words, line):
    words = words.split() if "--system" in words else [*words.split(), *system]
    said = glasscli("free-energy", *words, "--dry-run")
    assert said.code in (1, 2) and line in said.err and "Traceback" not in said.err
