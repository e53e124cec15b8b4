from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

import pytest

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is imported; as the command does

from glasscli.cli.edge import Cli
from glasscli.cli.theory import command

Run = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `glasscli theory ... --json` in an empty folder: exit code, what was printed as JSON, stderr."""
    monkeypatch.chdir(tmp_path)

    def call(*words: str, json_too: bool = True) -> tuple[int, Any, str]:
        with pytest.raises(SystemExit) as end:
            Cli(commands={"theory": command}).main(["theory", *words, *(["--json"] if json_too else [])])
        out, err = capsys.readouterr()
        return int(end.value.code or 0), json.loads(out) if json_too and out else out, err

    return call
