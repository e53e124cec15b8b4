"""What a path is does not depend on its name: a run opens in every command, another program's .h5 in none."""

import re
import shutil

import h5py
import numpy as np
import pytest

import glasscli
from glasscli.errors import FileError, MissingFileError
from glasscli.formats.foreign import ForeignTrajectory, open_any
from glasscli.store.reader import is_run
from glasscli.store.run import Run
from tests.conftest import run_glasscli

QUENCH = (
    "quench", "--atoms", 170, "--steps", 2000, "--equilibration", 200, "--every", 500, "--inherent-every", 200,
)  # fmt: skip
# {FILE} in each is a run, by whatever name.
COMMANDS = {
    "show": "show {FILE}",
    "verify": "verify {FILE}",
    "analyze": "analyze {FILE} --measure icosahedra",
    "report": "report {FILE} -o page.html --measure icosahedra",
    "render": "render {FILE} -o picture.png --renderer matplotlib",
    "export": "export {FILE} -o out.xyz",
    "quench": "quench {FILE} --steps 1000 --dry-run",
    "anneal": "anneal {FILE} --T 0.5 --from final --steps 1000 --dry-run",
    "eos": "eos fcc-large --points 9 --with {FILE} --figure eos.png",
    "modes": "modes {FILE} --count 10 --soft 1 --no-figure -o m",
    "instantaneous modes": "modes {FILE} --instantaneous --frames 1 --no-figure -o m",
    "landscape events": "landscape events {FILE} --no-figure -o e",
    "theory excitations": "theory excitations {FILE} --no-figure -o t",
    "theory kinetics": "theory kinetics --fit {FILE} --no-figure -o r",
}
# What differs between two runs of the same command on the same data.
PASSING = (
    r'"(file|source|path|with|\w*seconds|core_hours|bytes|timed_atoms)": [^,}]*|[\w./-]*(-Tf|-analysis)\.\w+'
    r'|"core_hours_of": \{[^}]*\}|"estimate_notes": \[[^]]*\]'
)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A finished run and an unfinished one."""
    folder = tmp_path_factory.mktemp("made")
    assert run_glasscli(*QUENCH, cwd=folder).code == 0
    (folder / "run").mkdir()
    longer = ["--steps", 10_000_000, "--checkpoint-every", 500, "--walltime", "0:0:4", "-o", "run/going.h5"]
    assert run_glasscli(*QUENCH, *longer, cwd=folder).code == 75
    return folder


def said(answer, name):
    """Everything that a command said, with the file's name and what passes taken out."""
    assert answer.code == 0, answer.err
    return re.sub(PASSING, "", answer.out).replace(name, "FILE").replace("probe", "FILE")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_run_opens_by_any_name(command, made, tmp_path, glasscli):
    heard = []
    for name in ("probe.h5", "probe.hdf5", "probe"):
        folder = tmp_path / name
        folder.mkdir()
        shutil.copy(made / "quench.h5", folder / name)
        words = COMMANDS[command].format(FILE=name).split()
        heard.append(said(glasscli(*words, "--json", cwd=folder), name))
    assert heard[0] == heard[1] == heard[2]


@pytest.mark.parametrize("command", COMMANDS)
def test_another_programs_h5_gets_the_same_clear_line(command, made, tmp_path, glasscli):
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["x"] = [1, 2]
    assert run_glasscli("export", made / "quench.h5", "-o", "structure.lammps", cwd=tmp_path).code == 0
    (tmp_path / "structure.lammps").rename(tmp_path / "structure.h5")
    before = {path.name for path in tmp_path.iterdir()}
    for name, says in (("other.h5", "not one of glasscli's"), ("structure.h5", "not an HDF5 file")):
        answer = glasscli(*COMMANDS[command].format(FILE=name).split())
        assert (answer.code, answer.out, answer.err.count("\n")) == (1, "", 1), answer.err
        assert answer.err.startswith(f"glasscli: {name}: ") and says in answer.err
    assert {path.name for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    "command", ["show", "verify", "analyze", "export", "modes", "landscape events", "theory excitations"]
)
@pytest.mark.parametrize("name", ["going", "going.h5", "going.h5.partial"])
def test_an_unfinished_run_opens_by_its_folder_and_by_the_name_it_will_have(
    command, name, made, tmp_path, glasscli
):
    other = "going.partial" if name == "going" else "going.h5.partial"
    shutil.copytree(made / "run" / "going.h5.partial", tmp_path / other)
    answer = glasscli(*COMMANDS[command].format(FILE=name).split())
    assert answer.code == 0, answer.err


def test_repair_leaves_another_programs_file_alone(tmp_path, glasscli):
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["analysis/x"] = np.arange(1000)
    whole = (tmp_path / "other.h5").read_bytes()
    answer = glasscli("repair", "other.h5")
    assert answer.code == 1 and "not one of glasscli's: not touched" in answer.err
    assert (tmp_path / "other.h5").read_bytes() == whole


@pytest.mark.parametrize("command", ["show", "verify", "analyze", "anneal", "modes", "landscape events"])
def test_a_folder_without_a_run_is_none(command, tmp_path, glasscli):
    (tmp_path / "empty").mkdir()
    answer = glasscli(*COMMANDS[command].format(FILE="empty").split())
    assert (
        answer.code == 1 and "empty: a folder, but not a run's" in answer.err and answer.err.count("\n") == 1
    )


def test_what_opens_is_a_run_or_another_programs_trajectory(made, tmp_path):
    shutil.copy(made / "quench.h5", tmp_path / "glass")
    assert run_glasscli("export", "glass", "-o", "out.lammps", cwd=tmp_path).code == 0
    for path, ours in (
        (made / "quench.h5", True),
        (tmp_path / "glass", True),
        (made / "run" / "going.h5", True),
        (made / "run" / "going.h5.partial", True),
        (tmp_path / "out.lammps", False),
    ):
        assert is_run(path) is ours
        assert isinstance(open_any(path), Run if ours else ForeignTrajectory)
        assert len(glasscli.open(path).frames)
    with pytest.raises(MissingFileError, match="no such file, and no unfinished run"):
        open_any(tmp_path / "nothing.h5")
    with pytest.raises(MissingFileError, match="no such file"):
        open_any(tmp_path / "nothing.lammps")
    with pytest.raises(FileError, match="a folder, but not a run's"):
        open_any(tmp_path)


def test_a_truncated_run_is_named_whatever_it_is_called(made, tmp_path, glasscli):
    whole = (made / "quench.h5").read_bytes()
    (tmp_path / "half").write_bytes(whole[: len(whole) // 2])
    for command in ("show", "analyze", "modes"):
        answer = glasscli(*COMMANDS[command].format(FILE="half").split())
        assert answer.code == 1 and "truncated" in answer.err and answer.err.count("\n") == 1
