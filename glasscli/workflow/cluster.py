"""A cluster and its scheduler, read from TOML: data, not code.

A scheduler's file names programs that run where one submits, a cluster's commands of its jobs. They are taken from
glasscli itself, from the user's own folder, or from a file that he has confirmed (`glasscli trust`), whoever names it.
"""

from __future__ import annotations

import re
import string
from contextlib import suppress
from pathlib import Path

from pydantic import Field, ValidationInfo, field_validator

from glasscli import trust
from glasscli.errors import GlassError, InputError, MissingFileError, near
from glasscli.model.find import DataFile, Kind, find, is_path, written
from glasscli.model.quantities import parse_walltime
from glasscli.model.strict import Strict, checked, parse_toml

SCHEDULERS = Kind("scheduler", "schedulers", "glasscli.workflow")
CLUSTERS = Kind("cluster", "clusters")
# What stands in braces in a scheduler's texts, and what its patterns must find.
_BLANKS = {
    "directives": {"name", "parts", "cores", "walltime", "minutes", "warning"},
    "depend": {"jobs"},
    "each": {"job"},
    "queue_directive": {"queue"},
    "account_directive": {"account"},
}
_GROUPS = {"submitted": {"job"}, "queued": {"job", "part", "state"}}


class Scheduler(Strict):
    """How one batch system is spoken to.

    submit, depend, each, between  words that submit a script; those that make it wait for {jobs}: each {job}, joined;
                      without `between` the words are said for each
    submitted         pattern that finds `job` in the answer
    job               pattern of a job's number, as it may be given to `cancel`
    cancel            words before a job's number
    queue, queued     words that ask for the user's jobs; pattern that finds `job`, `part` and `state` in a line, and
                      `own`, the part's own number, where that is what dependencies name
    running           states that mean running
    stdin             whether the script goes to the standard input
    index             shell text that gives the part of an array, from 1
    directives        lines of the script with {name} {parts} {cores} {walltime} {minutes} {warning}
    array_directive   begins the directive that is left out for a single part, where there is no array of one
    again             shell text that queues a job that stopped early once more
    shortest          seconds that a job is given at least, so that it can be queued again
    folder            pattern of the paths that it starts jobs in without harm
    """

    submit: list[str] = Field(min_length=1)
    submitted: str
    job: str = r"[0-9][0-9A-Za-z_.\[\]-]*"
    depend: list[str]
    each: str = "{job}"
    between: str | None = None
    cancel: list[str] = Field(min_length=1)
    queue: list[str] = Field(min_length=1)
    queued: str
    running: list[str]
    stdin: bool = False
    index: str
    directives: list[str]
    array_directive: str | None = None
    queue_directive: str
    account_directive: str
    again: str
    shortest: int = Field(default=60, ge=1)
    folder: str = "(?s:.*)"

    @field_validator("directives", "depend")
    @classmethod
    def _lines(cls, value: list[str], info: ValidationInfo) -> list[str]:
        for line in value:
            _check_blanks(line, _BLANKS[str(info.field_name)])
        return value

    @field_validator("each", "queue_directive", "account_directive")
    @classmethod
    def _line(cls, value: str, info: ValidationInfo) -> str:
        _check_blanks(value, _BLANKS[str(info.field_name)])
        return value

    @field_validator("submitted", "queued", "job", "folder")
    @classmethod
    def _pattern(cls, value: str, info: ValidationInfo) -> str:
        try:
            groups = set(re.compile(value).groupindex)
        except (re.error, RecursionError, OverflowError) as error:
            raise ValueError(f"{value!r} is no pattern: {error}") from error
        if missing := _GROUPS.get(str(info.field_name), set()) - groups:
            raise ValueError(f"{value!r} does not name (?P<{min(missing)}>...)")
        return value


def _check_blanks(text: str, known: set[str]) -> None:
    """Raise ValueError unless every {blank} of a text is one that is filled in."""
    for _, blank, form, conversion in string.Formatter().parse(text):
        if blank is not None and (blank not in known or form or conversion):
            raise ValueError(f"{{{blank}}} in {text!r} is never filled in{near(blank, known)}")


class Cluster(Strict):
    """Where jobs go. `setup` and `modules` are lines of the user's own; `extra` are directives as they are.

    scheduler: a name, or a file; cores: of one job; pack: tasks of one job, side by side on its cores (default: as many
    as cores)
    """

    scheduler: str
    walltime: str = "24:00:00"
    cores: int = Field(default=1, ge=1)
    pack: int | None = Field(default=None, ge=1)
    queue: str | None = None
    account: str | None = None
    modules: list[str] = Field(default_factory=list)
    setup: list[str] = Field(default_factory=list)
    extra: list[str] = Field(default_factory=list)
    glasscli: list[str] | None = None

    @field_validator("scheduler")
    @classmethod
    def _known(cls, value: str) -> str:
        find(SCHEDULERS, value)
        return value

    @field_validator("queue", "account")
    @classmethod
    def _word(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"[\w.@,:+-]+", value):
            raise ValueError(f"{value!r} is no name of a queue or account")
        return value

    @field_validator("walltime")
    @classmethod
    def _time(cls, value: str) -> str:
        parse_walltime(value)
        return value

    @property
    def commands(self) -> str:
        """Which of its keys put words of its own into a job script."""
        given = {"modules": self.modules, "setup": self.setup, "extra": self.extra, "glasscli": self.glasscli}
        return ", ".join(name for name, value in given.items() if value)

    @property
    def tasks_a_job(self) -> int:
        """How many tasks share a job."""
        return self.pack or self.cores

    def speaks(self) -> Scheduler:
        """The scheduler's own data."""
        return load_scheduler(self.scheduler)

    def check_folder(self, folder: Path) -> None:
        """Raise InputError for a folder that the scheduler cannot start jobs in."""
        path, pattern = str(folder.absolute()), self.speaks().folder
        if not re.fullmatch(pattern, path):
            raise InputError(
                f"{path}: {self.scheduler} starts jobs in folders that match {pattern} only: rename it"
            )


def load_scheduler(name: str) -> Scheduler:
    """The scheduler of a name, built-in or of the user's folder, or of a file. Raises InputError."""
    return _scheduler_of(find(SCHEDULERS, name))


def trusted_scheduler(name: str) -> Scheduler:
    """The same, whose programs may run: a file is named by the user's configuration, or confirmed.

    Raises UntrustedError for any other, whoever names it: a command line, or what a folder of runs says of itself.
    """
    file = find(SCHEDULERS, name)
    found = _scheduler_of(file)
    if (
        is_path(name)
        and not SCHEDULERS.is_own(Path(name))
        and str(Path(name).resolve()) not in _named_files()
    ):
        trust.require(Path(name), file.content, f"the programs {', '.join(_programs(found))}")
    return found


def _scheduler_of(file: DataFile) -> Scheduler:
    return checked(Scheduler, parse_toml(file.content, file.origin), file.origin)


def _programs(scheduler: Scheduler) -> list[str]:
    return sorted({repr(words[0]) for words in (scheduler.submit, scheduler.queue, scheduler.cancel)})


def _named_files() -> set[str]:
    """Scheduler files that clusters of the user's own folder name."""
    found = set()
    for path in CLUSTERS.own().values():
        with suppress(GlassError, OSError):  # a wrong file of another cluster is no matter here
            name = parse_toml(written(path), str(path)).get("scheduler")
            if isinstance(name, str) and is_path(name):
                found.add(str((path.parent / Path(name).expanduser()).resolve()))
    return found


def load_cluster(name: str) -> Cluster:
    """A cluster by file, by name in the user's folder, or a bare scheduler by its name.

    A scheduler that its file names by a path lies beside it, and is read at once: before anything is written or
    submitted. Raises InputError with one line.
    """
    return _cluster(name)[0]


def trusted_cluster(name: str) -> Cluster:
    """The same, whose commands may run: a file is the user's own, or confirmed. Raises UntrustedError."""
    found, file = _cluster(name)
    if file and file.folder and found.commands and not CLUSTERS.is_own(Path(file.origin)):
        trust.require(Path(file.origin), file.content, f"commands of its jobs ({found.commands})")
    trusted_scheduler(found.scheduler)
    return found


def _cluster(name: str) -> tuple[Cluster, DataFile | None]:
    """A cluster, and the file that it is from."""
    file = None
    if is_path(name) or name in CLUSTERS.own():
        file = find(CLUSTERS, name)
        cluster = _parse(file)
    elif name in SCHEDULERS.names():
        cluster = Cluster(scheduler=name)
    else:
        known = [*CLUSTERS.own(), *SCHEDULERS.names()]
        raise MissingFileError(f"no cluster {name!r}{near(name, known)}; or give a .toml file")
    cluster.speaks()
    return cluster, file


def _parse(file: DataFile) -> Cluster:
    data = parse_toml(file.content, file.origin)
    if "scheduler" not in data and {"submit", "directives"} <= set(data):
        raise InputError(
            f'{file.origin}: a scheduler, not a cluster: write a file with scheduler = "{file.origin}"'
        )
    scheduler = data.get("scheduler")
    if isinstance(scheduler, str) and is_path(scheduler):
        data["scheduler"] = str(((file.folder or Path()) / Path(scheduler).expanduser()).resolve())
    return checked(Cluster, data, file.origin)
