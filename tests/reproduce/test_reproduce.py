"""The studies of the papers' figures: each can be planned at both scales, and what is drawn stands beside the print."""

import json
from pathlib import Path

import numpy as np
import pytest

from glasscli.cli.run import planned
from glasscli.errors import FileError, InputError
from glasscli.model.system import load_system
from glasscli.reproduce import catalogue
from glasscli.reproduce.buchenau import _spheres
from glasscli.structures.build import build_crystal, contact_distances
from glasscli.structures.packing import random_liquid
from glasscli.structures.phases import phase_named
from glasscli.workflow.study import read_study

STUDIES = sorted(
    str(path.relative_to(catalogue.inputs()).with_suffix(""))
    for paper in ("derlet2019", "buchenau1992", "klinger1987", "egorushkin1992")
    for path in (catalogue.inputs() / paper).glob("*.toml")
)


def test_every_study_is_an_item_and_every_item_has_a_study():
    assert set(STUDIES) == set(catalogue.ITEMS)
    with pytest.raises(InputError, match="did you mean 'buchenau1992/fig8'"):
        catalogue.item("buchenau1992/fig88")


@pytest.mark.parametrize("name", STUDIES)
def test_every_study_can_be_planned_at_both_scales_and_drawn(name):
    small, tasks = planned(catalogue.study_of(name))
    large, cluster = planned(catalogue.study_of(name), "paper")
    assert tasks and cluster and str(large) == f"{small}-paper"
    assert catalogue.item(name).draw.__doc__
    text = catalogue.study_of(name).read_text()
    assert text.startswith("# ") and f"glasscli reproduce {name}" in text


def test_a_scale_replaces_values_of_stages(tmp_path: Path):
    path = tmp_path / "study.toml"
    path.write_text(
        "[stages.quench]\nsteps = 10\natoms = 50\nT-end = 0.1\n"
        "[scales.paper.quench]\nsteps = 1000\nreplicas = 3\nT-end = false\n"
    )
    small, large = read_study(path), read_study(path, "paper")
    assert (
        small.stages["quench"].options == {"steps": 10, "atoms": 50, "T-end": 0.1} and small.folder == "study"
    )
    assert large.stages["quench"].options == {"steps": 1000, "atoms": 50} and large.folder == "study-paper"
    assert large.stages["quench"].replicas == 3
    with pytest.raises(InputError, match="did you mean 'paper'"):
        read_study(path, "papre")
    path.write_text("[stages.quench]\n[scales.paper.quensh]\nsteps = 1\n")
    with pytest.raises(InputError, match="did you mean 'quench'"):
        read_study(path, "paper")
    path.write_text("[stages.quench]\nsteps = 1\n[scales.paper.quench]\nstep = false\n")
    with pytest.raises(InputError, match="did you mean 'steps'"):
        read_study(path, "paper")


def test_what_is_reproduced_is_drawn_compared_and_listed(glasscli, tmp_path):
    answer = glasscli("reproduce", "buchenau1992/fig8", "--json")
    assert answer.code == 0, answer.err
    data = answer.data
    assert (tmp_path / data["figure"]).stat().st_size > 10000
    assert [row["verdict"] for row in data["rows"]] == ["agrees"] * 4
    items = {row["name"]: row for row in glasscli("reproduce", "--list", "--json").data["items"]}
    assert set(items) == set(catalogue.ITEMS)
    assert items["buchenau1992/fig8"]["results"]["small"]["rows"] == data["rows"]
    assert items["buchenau1992/fig8"]["expected"] == [row["key"] for row in data["rows"]]
    assert items["klinger1987/fig1"]["results"] == {}
    kept = json.loads((tmp_path / "reproduced/buchenau1992-fig8" / catalogue.RESULT).read_text())
    assert kept["buchenau1992/fig8"]["scale"] == "small"


def test_what_an_older_version_kept_is_said_to_be_old_in_one_line(glasscli, tmp_path):
    folder = tmp_path / "reproduced/buchenau1992-fig8"
    folder.mkdir(parents=True)
    row = {"key": "eta1", "what": "eta_1", "published": 0.9, "tolerance": 0.1, "ours": 0.9, "difference": 0.0}
    old = {"name": "buchenau1992/fig8", "scale": "small", "figure": "f.png", "study": "s.toml", "seconds": 1.0,
           "when": "2026-11-01 00:00:00", "rows": [row | {"holds": True, "source": "x", "note": ""}]}  # fmt: skip
    (folder / catalogue.RESULT).write_text(json.dumps({"buchenau1992/fig8": old}))
    answer = glasscli("reproduce", "--list")
    assert answer.code == 0, answer.err
    assert [line for line in answer.out.splitlines() if "older glasscli" in line] == [
        "buchenau1992/fig8 (small scale): kept by an older glasscli, whose verdicts are not these; "
        "reproduce again, which draws anew and runs nothing twice"
    ]
    assert glasscli("reproduce", "--list", "--json").data["old"] == {"small": ["buchenau1992/fig8"]}


class _Samples:
    """Products of a study with samples that are given."""

    folder = Path("spheres")

    def __init__(self, *samples):
        self.samples = samples

    def structures(self, stage):
        return self.samples

    def answers(self, stage):
        return [{"files": [{"modes": 3, "w_c": w_c} for w_c in (2.0, 5.0)]}]

    def columns(self, stage, suffix):
        return [{"frequency": np.arange(6.0), "ratio": np.arange(6.0) / 10, "softening": np.zeros(6)}]


def test_samples_of_spheres_that_crystallised_are_left_out():
    wahnstrom = load_system("wahnstrom")
    liquid = random_liquid((250, 0), 1.0, contact_distances(wahnstrom), seed=1)
    crystal = build_crystal(wahnstrom, phase_named("bcc", wahnstrom), 250, volume=1.0).configuration
    spheres = _spheres(_Samples(crystal, liquid), 250)
    assert spheres.frequency.tolist() == [3, 4, 5] and spheres.ratio.tolist() == [0.3, 0.4, 0.5]
    assert spheres.first_maximum == 5 and spheres.samples == "1 glass, 1 crystallised"
    assert _spheres(_Samples(liquid, liquid), 250).frequency.tolist() == [1, 2, 3, 4, 5]
    with pytest.raises(FileError, match="all samples of 250 spheres crystallised"):
        _spheres(_Samples(crystal, crystal), 250)
