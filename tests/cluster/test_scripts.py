"""Job scripts of every scheduler against goldens written from their manuals; what reaches a script is quoted."""

import subprocess
from pathlib import Path

import pytest

from glasscli.cluster.cluster import Cluster, load_cluster
from glasscli.cluster.script import Batch, script

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@pytest.mark.parametrize("scheduler", ["slurm", "pbs", "sge", "lsf"])
def test_golden(scheduler):
    cluster = Cluster(scheduler=scheduler, cores=4, queue="long", account="glass", modules=["gcc/12 beta"],
                      setup=["source venv/bin/activate"], extra=["# as it is"])  # fmt: skip
    batch = Batch("anneal", 3, Path("/data/a b; touch x/$(id)"), ["glasscli"], "1:30:00")
    assert script(batch, cluster) == (HERE / "golden" / f"{scheduler}.sh").read_text()


@pytest.mark.parametrize("scheduler", ["slurm", "pbs", "sge", "lsf"])
def test_a_strange_folder_runs_nothing_else(scheduler, tmp_path):
    folder = tmp_path / "a b; touch x $(touch y) `touch z` 'q'"
    folder.mkdir()
    text = script(Batch("quench", 2, folder, ["sh", "-c", "pwd > seen"]), Cluster(scheduler=scheduler))
    assert subprocess.run(["bash", "-c", text], cwd=tmp_path, capture_output=True).returncode == 0
    assert (folder / "seen").read_text().rstrip("\n") == str(folder)
    assert [p.name for p in tmp_path.iterdir()] == [folder.name]
    assert [p.name for p in folder.iterdir()] == ["seen"]


def test_example_clusters_are_read():
    found = sorted((ROOT / "inputs" / "clusters").glob("*.toml"))
    assert found and all(load_cluster(str(path)).scheduler for path in found)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('scheduler = "slrum"', "did you mean 'slurm'"),
        ('scheduler = "slurm"\nwalltme = "1:00:00"', "unknown key 'walltme' (did you mean 'walltime'?)"),
        ('scheduler = "slurm"\nqueue = "a; touch x"', "no name of a queue"),
        ('scheduler = "slurm"\nwalltime = "soon"', "walltime"),
    ],
)
def test_wrong_clusters(text, says, tmp_path, glasscli):
    (tmp_path / "c.toml").write_text(text)
    answer = glasscli("submit", "--cluster", "c.toml", "--", "quench")
    assert answer.code == 2 and says in answer.err and answer.err.count("\n") == 1
