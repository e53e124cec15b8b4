"""A real OAR: stages wait for every part, a part that was warned is queued again, and what is cancelled is not."""

import json
import re
import subprocess
import time
from pathlib import Path

import pytest

from glasscli.store.reader import open_run

START = Path(__file__).with_name("start_oar.sh")
STUDY = """
folder = "{folder}"
[stages.quench]
steps = {steps}
equilibration = 0
inherent-every = 0
checkpoint-every = 1000
[stages.anneal]
after = "quench"
T = 0.5
from = "final"
steps = 400
every = 200
inherent-every = 0
"""


@pytest.fixture(scope="module")
def oar() -> None:
    started = subprocess.run(["sh", START], capture_output=True, text=True)
    if started.returncode == 2:
        pytest.skip(started.stdout.strip())
    assert started.returncode == 0, started.stdout + started.stderr


def parts() -> dict[tuple[str, str], str]:
    """{(array, part): number of its own} of all that OAR has."""
    lines = subprocess.run(["oarstat", "-u", "--array"], capture_output=True, text=True, check=True).stdout
    found = re.findall(r"^(\d+)\s+(\d+)\s+(\d+)\s", lines, re.MULTILINE)
    return {(array, part): own for own, array, part in found}


@pytest.fixture
def nothing_left(glasscli, tmp_path):
    """Whatever became of a test, what it submitted does not go on."""
    yield
    for folder in filter(Path.is_dir, tmp_path.iterdir()):
        glasscli("cancel", folder)


@pytest.mark.cluster
@pytest.mark.usefixtures("oar", "nothing_left")
def test_a_study_on_oar(glasscli, tmp_path):
    """OAR queues again only what ran for a minute, which the warned part waits for: most of this test's time."""
    deadline = time.monotonic() + 900

    def submit(study: str, steps: object, walltime: str) -> list[str]:
        (tmp_path / "study.toml").write_text(STUDY.format(folder=study, steps=steps))
        answer = glasscli("submit", "study.toml", "--cluster", "oar", "--walltime", walltime, "--json")
        assert answer.code == 0, answer.err
        return [row["job"] for row in answer.data["submitted"]]

    def look(study: str, rest: float = 2.0) -> list[dict[str, object]]:
        time.sleep(rest)  # each look takes from the runs
        answer = glasscli("status", tmp_path / study, "--json").data
        assert answer["failed"] == 0 and time.monotonic() < deadline, json.dumps(answer)
        return answer["runs"]

    def states(study: str) -> list[object]:
        return [run["state"] for run in look(study)]

    study = "a b; touch x"
    quench, _ = submit(study, [40000, 400], "0:20:00")
    assert states(study)[2:] == ["queued", "queued"]
    while not look(study, 0.2)[0]["step"]:
        pass
    # OAR's own warning, before its time.
    warned = parts()[quench, "1"]
    subprocess.run(["oardel", "--checkpoint", warned], check=True, capture_output=True)

    # Meanwhile a study is cancelled while it runs: it leaves the queue and is not queued again.
    other = submit("other", 100000000, "0:10:00")  # short enough to go before the other's second stage
    while not look("other")[0]["step"]:
        pass
    assert states("other") == ["running", "queued"]
    assert glasscli("cancel", tmp_path / "other", "--json").code == 0
    while {array for array, _ in parts()} & {*other}:
        assert time.monotonic() < deadline
    assert states("other") == ["stopped", "waiting"]

    # The warned part has another number by and by; the second stage waits for that one, too.
    numbers, seen = {warned}, states(study)
    while set(seen) != {"done"}:
        assert seen[:2] == ["done", "done"] or seen[2:] == ["queued", "queued"], seen
        numbers |= {own for (array, part), own in parts().items() if (array, part) == (quench, "1")}
        seen = states(study)
    assert len(numbers) == 2
    files = [tmp_path / study / f"quench-steps{steps}.h5" for steps in (40000, 400)]
    long, short = (open_run(file).manifest.history for file in files)
    assert len(long) == 2 and "SIGTERM" in long[0].reason and all(part.exact for part in long)
    assert len(short) == 1
    assert glasscli("verify", files[0]).code == 0
    assert {p.name for p in tmp_path.iterdir()} == {study, "other", "study.toml"}, "a folder's name was run"
