"""Somebody else's file runs nothing: programs are the user's, or confirmed once, and again after each change."""

import json
import os
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

from glasscli import trust
from glasscli.errors import FileError
from glasscli.store.manifest import Manifest
from tests.conftest import run_glasscli
from tests.resealed import reseal

QUENCH = ["quench", "--atoms", "200", "--steps", "2000", "--equilibration", "100", "--inherent-every", "0",
          "--checkpoint-every", "500"]  # fmt: skip


@pytest.fixture
def canary(tmp_path):
    """A program that leaves a mark; calling it tells whether it ran."""
    program, mark = tmp_path / "canary", tmp_path / "RAN"
    program.write_text(f"#!/bin/sh\ntouch '{mark}'\n")
    program.chmod(0o755)
    (tmp_path / "work").mkdir()

    def ran() -> bool:
        return mark.exists()

    ran.program = str(program)
    return ran


@pytest.fixture(scope="module")
def unfinished(tmp_path_factory):
    """A run stopped at its first checkpoint."""
    folder = tmp_path_factory.mktemp("unfinished")
    assert run_glasscli(*QUENCH, "--walltime", "0", cwd=folder).code == 75
    return folder / "quench.h5.partial"


def rewritten(folder: Path, **changes) -> None:
    """The manifest of a working folder, changed as a stranger could; its identity is right."""
    data = json.loads((folder / "run.json").read_text())
    for name in ("run.json", "run.copy.json"):
        (folder / name).write_text(json.dumps(data | changes))


def one_line(answer, *says, code=2):
    assert answer.code == code, (answer.code, answer.out, answer.err)
    assert answer.err.count("\n") == 1 and "Traceback" not in answer.err, answer.err
    for words in says:
        assert words in answer.err, answer.err


def left_alone(answer, *says):
    """A run of a folder did not go on; others would have."""
    assert answer.code == 1 and "did not go on" in answer.out and "Traceback" not in answer.err, answer
    for words in says:
        assert words in answer.out, answer.out


def test_resume_runs_no_program_that_only_the_file_names(canary, unfinished, tmp_path, glasscli):
    work = tmp_path / "work"
    shutil.copytree(unfinished, work / "quench.h5.partial")
    launch = {"lmp": canary.program, "ranks": 1, "accelerator": "", "skin": 0.0, "measured": ""}
    rewritten(work / "quench.h5.partial", launch=launch)
    for words in (["resume", "quench.h5"], ["resume", "quench.h5", "--accelerator", "none"]):
        one_line(glasscli(*words, cwd=work), "glasscli trust quench.h5", canary.program)
    left_alone(glasscli("resume", cwd=work), "glasscli trust quench.h5", canary.program)
    assert not canary()
    # Confirmed, it is asked whether it is LAMMPS; another program at that place asks anew.
    assert glasscli("trust", "quench.h5", cwd=work).code == 0
    answer = glasscli("resume", "quench.h5", cwd=work)
    assert answer.code and canary()
    rewritten(work / "quench.h5.partial", launch=launch | {"lmp": f"{canary.program} -x"})
    left_alone(glasscli("resume", cwd=work), "glasscli trust quench.h5")
    # The user's own word needs none.
    assert glasscli("resume", "--lmp", "", cwd=work).code == 0


def test_a_finished_file_names_no_program(canary, runs, tmp_path, glasscli):
    path = tmp_path / "work" / "anneal.h5"
    shutil.copy(runs / "anneal.h5", path)
    with h5py.File(path, "r+") as file:
        data = json.loads(bytes(file["glasscli/manifest"][:]))
        data["launch"] = {"lmp": canary.program}
        text = json.dumps(data).encode()
        del file["glasscli/manifest"]
        file["glasscli/manifest"] = np.frombuffer(text, np.uint8)
    reseal(path)
    answer = glasscli("resume", "anneal.h5", "--steps", 1000, cwd=tmp_path / "work")
    one_line(answer, "glasscli trust anneal.h5")
    assert not canary() and {p.name for p in path.parent.iterdir()} == {"anneal.h5"}


def test_the_users_own_program_goes_on_without_a_question(tmp_path, glasscli):
    """Begun with --lmp, resumed without: what the user's command line said is his word."""
    from tests.engine.test_launch import LMP

    assert glasscli(*QUENCH, "--lmp", LMP, "--walltime", "0").code == 75
    assert glasscli("resume").code == 0
    assert glasscli("resume", "quench.h5").code == 0
    # Moved by somebody else to somewhere else it is a stranger's again.
    (tmp_path / "b").mkdir()
    assert glasscli(*QUENCH, "--lmp", LMP, "--walltime", "0", "-o", "q.h5").code == 75
    shutil.move(tmp_path / "q.h5.partial", tmp_path / "b" / "q.h5.partial")
    left_alone(glasscli("resume", "b"), "glasscli trust b/q.h5")


STUDY = '[stages.quench]\nlmp = "{lmp}"\nsteps = 100\natoms = 200\n'


@pytest.mark.parametrize("words", [["run", "study.toml"], ["run", "study.toml", "--dry-run"],
                                   ["submit", "study.toml", "--dry-run"]])  # fmt: skip
def test_a_protocol_file_runs_no_program(words, canary, tmp_path, glasscli):
    work = tmp_path / "work"
    (work / "study.toml").write_text(STUDY.format(lmp=canary.program))
    one_line(glasscli(*words, cwd=work), "study.toml", "stages.quench.lmp", "glasscli trust study.toml")
    assert not canary() and [p.name for p in work.iterdir()] == ["study.toml"]


def test_a_confirmed_protocol_file_runs_until_it_changes(canary, tmp_path, glasscli):
    work = tmp_path / "work"
    (work / "study.toml").write_text(STUDY.format(lmp=canary.program))
    said = glasscli("trust", "study.toml", "--json", cwd=work)
    assert said.data["trusted"] == ["study.toml"]
    assert glasscli("run", "study.toml", "--dry-run", cwd=work).code and canary()
    (tmp_path / "RAN").unlink()
    (work / "study.toml").write_text(STUDY.format(lmp=canary.program) + "seed = 1\n")
    one_line(glasscli("run", "study.toml", cwd=work), "glasscli trust study.toml")
    (work / "study.toml").write_text(STUDY.format(lmp=canary.program))
    assert glasscli("trust", "--revoke", "study.toml", cwd=work).code == 0
    one_line(glasscli("run", "study.toml", cwd=work), "glasscli trust study.toml")
    assert not canary()


@pytest.mark.parametrize("command", ["build c15 -o ../x.lammps", "quench --lmp x", "build --lmp=x"])
def test_a_stages_command_is_words_only(command, tmp_path, glasscli):
    (tmp_path / "study.toml").write_text(f'[stages.a]\ncommand = "{command}"\n')
    one_line(glasscli("run", "study.toml"), "no word of a command")


@pytest.mark.parametrize("folder", ["../x", "../../x", "/tmp/glasscli-elsewhere", "a/../../x", "link", ""])
def test_a_study_stays_within_the_folder(folder, tmp_path, glasscli):
    work = tmp_path / "work"
    work.mkdir()
    (work / "link").symlink_to(tmp_path)
    (work / "study.toml").write_text(f'folder = "{folder}"\n[stages.quench]\nsteps = 100\natoms = 200\n')
    one_line(glasscli("run", "study.toml", cwd=work), "lies outside this one", "--folder PATH")
    one_line(glasscli("submit", "study.toml", cwd=work), "lies outside this one")
    assert (
        sorted(p.name for p in tmp_path.iterdir()) == ["work"]
        and not Path("/tmp/glasscli-elsewhere").exists()
    )


def test_the_user_says_another_folder(tmp_path, glasscli):
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "study.toml").write_text(
        'folder = "../x"\n[stages.quench]\nsteps = 100\natoms = 200\n'
    )
    words = ["submit", "study.toml", "--folder", "../mine", "--dry-run"]
    answer = glasscli(*words, cwd=tmp_path / "work")
    assert answer.code == 0 and "/mine" in answer.out


def test_tables_of_a_study_stay_within_it(tmp_path, glasscli):
    for name in ("../x.csv", "/tmp/x.csv"):
        (tmp_path / "s.toml").write_text(f'[stages.eos]\ncommand = "eos c15"\ntable = "{name}"\n')
        one_line(glasscli("run", "s.toml"), "outside the study's folder")


def folder_of_jobs(folder: Path, job: str = "7", scheduler: str = "slurm", name: str = "quench") -> None:
    records = folder / "glasscli-tasks"
    records.mkdir(parents=True, exist_ok=True)
    (records / "plan.json").write_text("[]")
    rows = [{"name": name, "scheduler": scheduler, "job": job, "parts": [["q"]], "when": ""}]
    (records / "jobs.json").write_text(json.dumps(rows))


def test_a_job_is_a_number(canary, tmp_path, glasscli):
    """scancel would take `--user=root`, `7 --me` and all that is no number of its own for something else."""
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    (bin_ / "scancel").symlink_to(canary.program)
    path = f"{bin_}:{os.environ['PATH']}"
    for job in ("--user=root", "7 --me", "7;8", "all", "", "7\n8", "7_[1-3]", "-1"):
        folder_of_jobs(tmp_path / "work", job)
        one_line(glasscli("cancel", "work", PATH=path), "is no job", code=1)
    assert not canary()
    folder_of_jobs(tmp_path / "work", "7")
    assert glasscli("cancel", "work", PATH=path).code == 0 and canary()


def test_a_scheduler_file_runs_only_confirmed(canary, tmp_path, glasscli):
    folder_of_jobs(tmp_path / "work", scheduler=str(tmp_path / "work" / "evil.toml"))
    slurm = (Path(trust.__file__).parent / "workflow" / "schedulers" / "slurm.toml").read_text()
    evil = slurm.replace('["squeue", ', f'["{canary.program}", ').replace('"scancel"', f'"{canary.program}"')
    (tmp_path / "work" / "evil.toml").write_text(evil)
    assert glasscli("status", "work").code == 0
    one_line(glasscli("cancel", "work"), "evil.toml", canary.program, "glasscli trust")
    (tmp_path / "c.toml").write_text('scheduler = "work/evil.toml"')
    one_line(glasscli("submit", "--cluster", "c.toml", "--", "quench"), "evil.toml", "glasscli trust")
    assert not canary() and not (tmp_path / "glasscli-tasks").exists()
    assert glasscli("submit", "--cluster", "c.toml", "--dry-run", "--", "quench").code == 0
    assert glasscli("trust", "work/evil.toml").code == 0
    assert glasscli("status", "work").code == 0 and canary()


@pytest.mark.parametrize("line", ['setup = ["touch x"]', 'glasscli = ["evil"]', 'extra = ["touch x"]',
                                  'modules = ["/tmp/evil"]'])  # fmt: skip
def test_commands_of_a_clusters_file_are_confirmed(line, tmp_path, glasscli):
    (tmp_path / "c.toml").write_text(f'scheduler = "slurm"\n{line}\n')
    words = ["submit", "--cluster", "c.toml", "--", "quench"]
    one_line(glasscli(*words), "c.toml", "glasscli trust c.toml", line.split()[0])
    assert [p.name for p in tmp_path.iterdir()] == ["c.toml"]
    # His own folder is his word; without a scheduler on the path nothing is submitted.
    own = tmp_path / "config" / "glasscli" / "clusters"
    own.mkdir(parents=True)
    shutil.copy(tmp_path / "c.toml", own / "ours.toml")
    home = {"XDG_CONFIG_HOME": str(tmp_path / "config"), "PATH": str(tmp_path)}
    answer = glasscli("submit", "--cluster", "ours", "--", "quench", **home)
    assert "trust" not in answer.err and "sbatch" in answer.err


PLAN = [
    {"name": "q", "stage": "quench", "words": ["quench", "--lmp", "/x/evil"], "output": "q.h5", "inputs": []}
]


def test_resubmit_runs_no_command_lines_of_somebody_else(canary, tmp_path, glasscli):
    records = tmp_path / "work" / "glasscli-tasks"
    records.mkdir()
    (records / "plan.json").write_text(json.dumps(PLAN))
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    (bin_ / "sbatch").symlink_to(canary.program)
    path = f"{bin_}:{os.environ['PATH']}"
    one_line(glasscli("resubmit", "work", PATH=path), "plan.json", "glasscli trust")
    # A later study of the user's in the same folder does not make them his.
    (tmp_path / "work" / "s.toml").write_text('folder = "."\n[stages.later]\ncommand = "quench"\n')
    glasscli("submit", "s.toml", cwd=tmp_path / "work", PATH=path)
    shutil.rmtree(tmp_path / "RAN", ignore_errors=True)
    one_line(glasscli("resubmit", "work", PATH=path), "plan.json", "glasscli trust")


@pytest.mark.parametrize("change", [{"name": "../../x"}, {"name": "a/b"}, {"stage": "a\n#SBATCH x"},
                                    {"stage": "a; touch x"}, {"words": []}, {"words": [1]}, {"output": 7}])  # fmt: skip
def test_a_plan_names_records_of_its_own(change, tmp_path, glasscli):
    (tmp_path / "glasscli-tasks").mkdir()
    (tmp_path / "glasscli-tasks" / "plan.json").write_text(json.dumps([PLAN[0] | change]))
    one_line(glasscli("status"), "plan.json: damaged", code=0)
    assert not glasscli("status", "--json").data["runs"]


@pytest.mark.parametrize(
    "start", ["../../x " + "0" * 64, "/etc/passwd " + "0" * 64, "start.restart", "a b c", ""]
)
def test_a_run_starts_from_a_file_of_its_own(start, unfinished):
    """The name becomes a file that is written, and a word of the deck."""
    data = json.loads((unfinished / "run.json").read_text())
    manifest = Manifest.from_json(json.dumps(data))
    manifest.start = start
    with pytest.raises(ValueError, match="no start of a run"):
        Manifest.from_json(manifest.to_json())


@pytest.mark.parametrize("launch", [{"lmp": 5}, {"ranks": 0}, {"ranks": "4"}, {"accelerator": "x"},
                                    {"skin": -1.0}, {"skin": float("nan")}, {"unknown": 1}])  # fmt: skip
def test_what_is_no_launch_is_a_damaged_run(launch, unfinished, tmp_path, glasscli):
    shutil.copytree(unfinished, tmp_path / "q.h5.partial")
    rewritten(tmp_path / "q.h5.partial", launch=launch)
    one_line(glasscli("resume", "q.h5"), "damaged", code=1)


def test_another_users_file_is_not_confirmed(tmp_path, monkeypatch):
    file = tmp_path / "s.toml"
    file.write_text("x")
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    monkeypatch.setattr(trust, "ROOT", 54321)
    with pytest.raises(FileError, match="another user's file"):
        trust.confirm(file, b"x")
    with pytest.raises(trust.UntrustedError, match="another user's file"):
        trust.require(file, b"x", "a program")


def test_a_potential_is_not_looked_for_in_the_folder_one_works_in(tmp_path, glasscli):
    """LAMMPS alone would take a stranger's file that is called like a built-in system's."""
    words = ["quench", "--system", "cuzr", "--atoms", 300, "--steps", 20, "--equilibration", 10]
    from glasscli.model.system import load_system

    names = [line.split()[3] for line in load_system("cuzr").commands if line.startswith("pair_coeff")]
    for name in names:
        (tmp_path / name).write_text("no potential\n")
    answer = glasscli(*words)
    assert answer.code == 0, answer.err


def test_a_pipe_is_no_potential(tmp_path, glasscli):
    from tests.plain_system import PLAIN

    os.mkfifo(tmp_path / "pipe.fs")
    for name in ("pipe.fs", "/dev/zero"):
        text = PLAIN.replace("pair_style lj/cut 2.5", "pair_style eam/fs")
        text = text.replace("pair_coeff 1 1 1.0 1.0", f"pair_coeff * * {name} A")
        (tmp_path / "s.toml").write_text(text)
        answer = glasscli(
            "quench", "--system", "s.toml", "--atoms", 300, "--steps", 10, "--force", timeout=60
        )
        one_line(answer, "a pipe or device")


def test_a_file_called_like_a_number_is_no_coefficient(tmp_path, glasscli):
    from tests.plain_system import PLAIN

    (tmp_path / "s.toml").write_text(PLAIN)
    (tmp_path / "1").write_text("x")
    (tmp_path / "1.0").write_text("x")
    answer = glasscli("quench", "--system", "s.toml", "--atoms", 300, "--steps", 10, "--equilibration", 10)
    assert answer.code == 0, answer.err


def test_figures_obey_no_matplotlibrc_of_the_folder(canary, runs, tmp_path, glasscli):
    """It may set text with TeX, whose preamble runs what it likes."""
    work, bin_ = tmp_path / "work", tmp_path / "bin"
    bin_.mkdir()
    for name in ("latex", "dvipng", "kpsewhich"):
        (bin_ / name).symlink_to(canary.program)
    (work / "matplotlibrc").write_text("text.usetex: True\nfont.family: serif\nbackend: module://evil\n")
    shutil.copy(runs / "anneal.h5", work / "a.h5")
    path = f"{bin_}:{os.environ['PATH']}"
    answer = glasscli("analyze", "a.h5", "--measure", "pdf", cwd=work, PATH=path)
    assert answer.code == 0, answer.err
    assert list(work.glob("*.png")) and not canary()
