"""Job scripts of every scheduler against goldens written from their manuals; what reaches a script is quoted."""

import json
import os
import subprocess
from importlib import resources
from pathlib import Path

import pytest

from glasscli.cli import cancel, status, submit
from glasscli.workflow.cluster import Cluster, load_cluster
from glasscli.workflow.script import ArrayJob, script
from tests.conftest import in_process

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@pytest.mark.parametrize("scheduler", ["slurm", "pbs", "sge", "lsf", "oar"])
def test_golden(scheduler, request):
    cluster = Cluster(scheduler=scheduler, cores=4, queue="long", account="glass", modules=["gcc/12 beta"],
                      setup=["source venv/bin/activate"], extra=["# as it is"])  # fmt: skip
    array = ArrayJob("anneal", 3, Path("/data/a b; touch x/$(id)"), ["glasscli"], "1:30:00")
    golden = HERE / "golden" / f"{scheduler}.sh"
    if request.config.getoption("--renew-goldens"):
        golden.write_text(script(array, cluster))
    assert script(array, cluster) == golden.read_text()


@pytest.mark.parametrize("scheduler", ["slurm", "pbs", "sge", "lsf", "oar"])
def test_a_strange_folder_runs_nothing_else(scheduler, tmp_path):
    folder = tmp_path / "a b; touch x $(touch y) `touch z` 'q'"
    folder.mkdir()
    text = script(ArrayJob("quench", 2, folder, ["sh", "-c", "pwd > seen"]), Cluster(scheduler=scheduler))
    assert subprocess.run(["bash", "-c", text], cwd=tmp_path, capture_output=True).returncode == 0
    assert (folder / "seen").read_text().rstrip("\n") == str(folder)
    assert [p.name for p in tmp_path.iterdir()] == [folder.name]
    assert [p.name for p in folder.iterdir()] == ["seen"]


SPOKEN = {
    "pbs": (
        "echo '7[].server'",
        "7[1].server name root 0 Q long",
        "-W depend=afterany:7[].server",
        "qdel 7[].server",
    ),
    "lsf": ("cat >>stdin; echo 'Job <7> is submitted'", "7 1 PEND", "-w ended(7)", "bkill 7"),
    "oar": ("echo OAR_JOB_ID=7", "9 7 1 W root", "-S --anterior=9 glasscli-tasks", "oardel --array 7"),
}


@pytest.mark.parametrize("scheduler", SPOKEN)
def test_submit_status_and_cancel_speak_the_schedulers_language(scheduler, tmp_path, monkeypatch):
    """With programs that only note what they were told; a strange folder is one word to them."""
    answer, queue, waits, ends = SPOKEN[scheduler]
    spoken, programs, home = load_cluster(scheduler).speaks(), tmp_path / "bin", tmp_path / "home"
    programs.mkdir()
    home.mkdir()
    for program, says in [
        (spoken.submit, answer),
        (spoken.queue, f"echo '{queue}'"),
        (spoken.cancel, "true"),
    ]:
        (programs / program[0]).write_text(f'#!/bin/sh\necho {program[0]} "$@" >>"{tmp_path}/told"\n{says}\n')
        (programs / program[0]).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    (home / "study.toml").write_text(
        'folder = "a b; touch x"\n[stages.quench]\nsteps = 100\n[stages.anneal]\nafter = "quench"\nT = 0.5\n'
    )

    def run(command, *words):
        code, out, err = in_process(command.name, command, home, monkeypatch)(*words, "--json")
        assert code == 0, err
        return json.loads(out)

    submitted = run(submit.command, "study.toml", "--cluster", scheduler)["submitted"]
    assert [row["runs"] for row in submitted] == [1, 1]
    assert run(status.command, "a b; touch x")["queued"] == 2
    run(cancel.command, "a b; touch x")
    told = (tmp_path / "told").read_text().splitlines()
    asked = [line for line in told if line.split()[0] == spoken.submit[0]]
    assert told[0] == asked[0] and waits in asked[1] and told[-1] == ends
    folder = home / "a b; touch x"
    assert {p.name for p in home.iterdir()} == {"study.toml", folder.name}
    scripts = [(folder / "glasscli-tasks" / f"{stage}.sh").read_text() for stage in ("quench", "anneal")]
    assert (folder / "glasscli-tasks" / "cancelled").exists()
    if spoken.stdin:
        assert (folder / "stdin").read_text() == "".join(scripts)
    else:
        assert told[0].endswith(" glasscli-tasks/quench.sh") and all("cd '" in text for text in scripts)


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


SLURM = (resources.files("glasscli.workflow") / "schedulers" / "slurm.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("submitted =", "submited ="), "unknown key 'submited' (did you mean 'submitted'?)"),
        (
            ("{parts}", "{part}"),
            "{part} in '#SBATCH --array=1-{part}' is never filled in (did you mean 'parts'?)",
        ),
        (("{name}", "{name.__class__}"), "is never filled in"),
        (("{queue}", "{queue"), "queue_directive: "),
        (("(?P<job>\\d+)'", "\\d+'"), "does not name (?P<job>...)"),
        (("(?P<part>\\d+|N/A)", "\\d+"), "does not name (?P<part>...)"),
        (('["sbatch", "--parsable"]', "[]"), "submit: "),
        (("index =", "folder = '['\nindex ="), "is no pattern"),
    ],
)
def test_wrong_schedulers(change, says, tmp_path, glasscli):
    assert change[0] in SLURM
    (tmp_path / "s.toml").write_text(SLURM.replace(*change))
    (tmp_path / "c.toml").write_text('scheduler = "s.toml"')
    answer = glasscli("submit", "--cluster", "c.toml", "--", "quench")
    assert answer.code == 2 and says in answer.err and answer.err.count("\n") == 1
    assert {path.name for path in tmp_path.iterdir()} == {"s.toml", "c.toml"}


def test_a_scheduler_is_no_cluster(tmp_path, glasscli):
    (tmp_path / "s.toml").write_text(SLURM)
    answer = glasscli("submit", "--cluster", "s.toml", "--", "quench")
    assert answer.code == 2 and 'write a file with scheduler = "s.toml"' in answer.err
    answer = glasscli("submit", "--cluster", "slrum", "--", "quench")
    assert answer.code == 2 and "no cluster 'slrum' (did you mean 'slurm'?)" in answer.err


def test_a_strangers_folder_names_no_programs(tmp_path, monkeypatch):
    """status and cancel read what a folder says of itself: what a file in it names is not run."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    folder, clusters = tmp_path / "study", tmp_path / "config" / "glasscli" / "clusters"
    (folder / "glasscli-tasks").mkdir(parents=True)
    clusters.mkdir(parents=True)
    evil = folder / "evil.toml"
    asks = '["squeue", "--me", "--noheader", "--array", "--format=%F %K %t"]'
    assert asks in SLURM
    evil.write_text(SLURM.replace(asks, '["touch", "ran"]').replace('["scancel"]', '["touch", "ran"]'))
    (folder / "glasscli-tasks" / "plan.json").write_text("[]")

    def told(scheduler):
        rows = [{"name": "q", "scheduler": scheduler, "job": "7", "parts": [["q"]], "when": ""}]
        (folder / "glasscli-tasks" / "jobs.json").write_text(json.dumps(rows))
        answers = [
            in_process(command.name, command, folder, monkeypatch)(".")
            for command in (status.command, cancel.command)
        ]
        return [code for code, _, _ in answers], answers[1][2]

    (clusters / "ours.toml").write_text('scheduler = "slurm"')
    for name in (str(evil), "evil.toml", "../../../../../../../../" + str(evil).removesuffix(".toml")):
        codes, said = told(name)
        says = "glasscli trust" if name.endswith(".toml") else "no such scheduler file"
        assert codes[1] == 2 and says in said and said.count("\n") == 1
        assert not (folder / "ran").exists() and not (folder / "glasscli-tasks" / "cancelled").exists()
    # Once the user's own cluster names it, it is his.
    (clusters / "ours.toml").write_text(f'scheduler = "{evil}"')
    codes, _ = told(str(evil))
    assert codes[1] == 0 and (folder / "ran").exists()


@pytest.mark.parametrize("name", ["it's", "$(id)", "a\\b"])
def test_a_folder_that_oar_would_take_for_its_own_text(name, tmp_path, glasscli):
    (tmp_path / name).mkdir()
    (tmp_path / name / "study.toml").write_text("[stages.quench]\nsteps = 100\n")
    for words in ("--dry-run",), ():
        answer = glasscli("submit", "study.toml", "--cluster", "oar", *words, cwd=tmp_path / name)
        assert answer.code == 2 and "rename it" in answer.err and answer.err.count("\n") == 1
    assert [path.name for path in (tmp_path / name).iterdir()] == ["study.toml"]


def test_an_option_is_no_job(tmp_path, glasscli):
    (tmp_path / "glasscli-tasks").mkdir()
    rows = [{"name": "q", "scheduler": "slurm", "job": "--me", "parts": [["q"]], "when": ""}]
    (tmp_path / "glasscli-tasks" / "jobs.json").write_text(json.dumps(rows))
    answer = glasscli("cancel")
    assert answer.code == 1 and "damaged ('--me' is no job)" in answer.err and answer.err.count("\n") == 1
