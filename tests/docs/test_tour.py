"""README's ten minutes, command by command in an empty folder, shortened where a newcomer would wait."""

import re
import shlex
from pathlib import Path

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
# What each command of the tour is given besides. A command that README has and this table has not fails, and the
# other way round: the two cannot drift apart.
SHORTER = {
    "glasscli quench": "--atoms 250 --steps 20000 --equilibration 500 --inherent-every 10000",
    "glasscli anneal --T 0.95Tf": "--steps 2000",
    "glasscli analyze": "",
    "glasscli show anneal.h5": "",
    "glasscli quench --replicas 8 --rate 0.01": "--atoms 250 --replicas 2 --rate 2 --equilibration 200",
    "glasscli table --plot T_f:rate": "",
    "glasscli resume anneal.h5 --steps 100000 more": "",
    "glasscli export anneal.h5 -o glass.lammps": "",
    "glasscli hybrid quench.h5 --T 0.95Tf": "--steps 500",
    "glasscli analyze glass.lammps --system wahnstrom": "",
    "glasscli anneal --T 0.95Tf --steps 20000 --dry-run": "",
    "glasscli validate": "--only crystals",
    "glasscli reproduce --list": "",
}


def tour() -> list[list[str]]:
    """The indented blocks of the section, each a list of lines without comments' own lines."""
    section = README.partition("\n## Ten minutes\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"(?:^    .*\n)+", section, re.MULTILINE)
    return [[line[4:] for line in block.splitlines()] for block in blocks]


def commands() -> list[str]:
    lines = (shlex.split(line, comments=True) for block in tour() for line in block)
    return [shlex.join(words) for words in lines if words[:1] == ["glasscli"]]


def test_the_table_of_shorter_commands_is_the_tour():
    assert commands() == list(SHORTER)


def test_a_newcomer_can_follow_the_tour(glasscli, tmp_path, monkeypatch):
    said = {}
    for line in commands():
        words = shlex.split(line.replace("100000 more", "1000 more"))[1:]
        answer = glasscli(*words, *SHORTER[line].split())
        assert answer.code == 0, f"{line}: {answer.err}"
        said[line] = answer.out
    # What README shows of the first answer are the labels that a newcomer finds.
    shown = [x[2:] for block in tour() for x in block if x.startswith("# ") and "glasscli" not in x]
    labels = {
        word for x in shown for word in re.findall(r"^\s+(\S+)|   ([A-Z])\b", x) for word in word if word
    }
    assert labels and all(label in said["glasscli quench"] for label in labels)
    (python,) = ["\n".join(block) for block in tour() if block[0] == "import glasscli"]
    monkeypatch.chdir(tmp_path)
    scope = {}
    exec(compile(python, "README.md", "exec"), scope)
    run = scope["run"]
    assert run.inherent_energy[-1] < -6.9 and (run.icosahedral_fraction > 0).all()
    assert run.frames[-1].positions.shape == (250, 3)
    assert max(run.step) == 3000
