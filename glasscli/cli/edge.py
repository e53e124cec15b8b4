"""The edge between the library and the terminal: options every command has, one way out, one way to fail."""

from __future__ import annotations

import errno
import gc
import importlib
import json
import logging
import math
import os
import shlex
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, NoReturn

import click

from glasscli.cli import streams
from glasscli.cli.numbers import LARGEST, whole
from glasscli.errors import EXIT_DONE, EXIT_FAILED, GlassError, near
from glasscli.last_words import last_words, limits
from glasscli.limits import LIMITS, beyond_physics, raise_limits
from glasscli.shown import lines, shown

if TYPE_CHECKING:
    from glasscli.simulation.job import Job


@dataclass(frozen=True)
class Outcome:
    """What a command returns: `data` for --json, `text` for people, and the exit code."""

    data: dict[str, Any]
    text: str
    exit_code: int = EXIT_DONE
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Invocation:
    """How the program was called: every command's context has it as its object.

    command_line  the words, quoted for a shell: what a file records
    ranks         of the `mpirun -n N glasscli` whose first process this is; 1 without
    planned       where a command of many lays down the run it would make, instead of making it; None to make it
    expected      {file: the run that will make it}, of those that it may start from though they are not there yet
    """

    command_line: str
    ranks: int = 1
    planned: list[Job] | None = None
    expected: Mapping[str, Job] = field(default_factory=dict)

    @classmethod
    def of(cls, words: Sequence[str], ranks: int = 1) -> Invocation:
        """That of `glasscli WORDS`."""
        return cls(shlex.join(["glasscli", *words]), ranks)


def invocation() -> Invocation:
    """How the command that is running was called."""
    found = click.get_current_context().find_root().obj
    assert isinstance(found, Invocation)
    return found


def command(name: str, **attributes: Any) -> Callable[[Callable[..., Outcome]], click.Command]:
    """Make a Click command whose function returns an Outcome; adds --json, --debug, --allow."""

    def wrap(function: Callable[..., Outcome]) -> click.Command:
        function = click.option(
            "--debug", is_flag=True, expose_value=False, help="Show the traceback of an error."
        )(function)
        function = click.option(
            "--json", "as_json", is_flag=True, expose_value=False, help="Print one JSON object on stdout."
        )(function)
        function = click.option(
            "--allow", multiple=True, expose_value=False, is_eager=True, metavar="NAME=NUMBER",
            callback=lambda context, option, words: raise_limits(words),
            help=f"Raise a limit: {', '.join(LIMITS)}.",
        )(function)  # fmt: skip
        made = click.command(name, cls=_Command, **attributes)(function)
        for parameter in made.params:
            parameter.type = whole(parameter.type)
            _say_default(parameter)
        return made

    return wrap


def _say_default(parameter: click.Parameter) -> None:
    """Let an option say what holds without it: its own default, else what its help says, else that nothing does."""
    if (
        not isinstance(parameter, click.Option)
        or parameter.is_flag
        or parameter.required
        or parameter.multiple
    ):
        return
    if isinstance(parameter.default, str | int | float):
        parameter.show_default = True
    elif "default: " not in (parameter.help or ""):
        parameter.help = f"{parameter.help}  [default: none]"


EMPTY = {"lmp"}  # of options: no program is LAMMPS in process


class _Command(click.Command):
    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse; no word, and a number that is none (nan, 1e999) or beyond counting, is refused for every option."""
        rest = super().parse_args(ctx, args)
        for parameter in self.params:
            value = ctx.params.get(parameter.name or "")
            for number in value if isinstance(value, tuple) else (value,):
                if number == "" and isinstance(parameter, click.Option) and parameter.name not in EMPTY:
                    raise click.BadParameter("nothing is given", ctx, parameter)
                if isinstance(number, float) and not math.isfinite(number):
                    raise click.BadParameter(f"{number} is not a finite number", ctx, parameter)
                if isinstance(number, float) and beyond_physics(number):
                    raise click.BadParameter(f"{number:g} is beyond any number of physics", ctx, parameter)
                if isinstance(number, int) and abs(number) > LARGEST:
                    raise click.BadParameter("the number is too large", ctx, parameter)
        return rest

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Keep the line breaks of the examples."""
        if self.epilog:
            formatter.write_paragraph()
            for line in self.epilog.splitlines():
                formatter.write_text(line)


class Lazy(click.Group):
    """A group whose commands are imported when they are called; its help needs none of them.

    package   where the module of each command is, named like it, with the `command`
    lazy      {name: one line of help} in the order of the help; a test holds the lines to the commands' own
    groups    {title: names} of the help
    """

    def __init__(
        self, *words: Any, package: str = "", lazy: Mapping[str, str] | None = None,
        groups: Mapping[str, Sequence[str]] | None = None, **attributes: Any,
    ) -> None:  # fmt: skip
        super().__init__(*words, **attributes)
        self.package, self.lazy, self.groups = package, dict(lazy or {}), dict(groups or {})

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order in which they were given."""
        return [*self.commands, *self.lazy]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, imported now."""
        if cmd_name not in self.lazy:
            return super().get_command(ctx, cmd_name)
        with _no_collection():
            found = importlib.import_module(f"{self.package}.{cmd_name.replace('-', '_')}").command
        assert isinstance(found, click.Command)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that words begin with; the near name is said where there is none."""
        if args and not args[0].startswith("-") and args[0] not in (known := self.list_commands(ctx)):
            raise click.UsageError(f"No such command {args[0]!r}{near(args[0], known)}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of commands, in its groups where there are any."""
        rows = {name: command.get_short_help_str() for name, command in self.commands.items()} | self.lazy
        grouped = {name for names in self.groups.values() for name in names}
        parts = self.groups | {"Commands": [name for name in rows if name not in grouped]}
        for title, names in parts.items():
            if there := [(name, rows[name]) for name in names if name in rows]:
                with formatter.section(title):
                    formatter.write_dl(there)


@contextmanager
def _no_collection() -> Iterator[None]:
    """While the block runs nothing is collected: imports make nothing but what stays."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def resolve(group: click.Group, words: Sequence[str]) -> tuple[click.Command, list[str]]:
    """The command that words name, and the words after its name."""
    found: click.Command = group
    rest = list(words)
    while isinstance(found, click.Group) and rest:
        below = found.get_command(click.Context(found), rest[0])
        if below is None:
            break
        found, rest = below, rest[1:]
    return found, rest


class Cli(Lazy):
    """The root group: errors become one line on stderr and an exit code, results go to stdout."""

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any) -> NoReturn:  # type: ignore[override]
        """Run and exit; never returns."""
        words = list(sys.argv[1:] if args is None else args)
        extra.pop("standalone_mode", None)
        as_json, debug = "--json" in words, "--debug" in words
        hook = sys.excepthook
        with streams.own(debug) as out:
            if out is not None:
                if not debug:
                    warnings.simplefilter("ignore")  # libraries' words
                    logging.disable(logging.WARNING)
                os.environ["MPLBACKEND"] = "agg"  # a notebook's is for its own process
                _plain_hdf5()
                sys.excepthook = lambda kind, error, trace: _say_failed(error, as_json, debug)
                if limits():  # threads of a BLAS take address space that is needed
                    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
            try:
                with last_words(_ended) if out is not None else nullcontext():
                    code = self._run(words, prog_name or "glasscli", as_json, extra)
            except Exception as error:
                code = _say_failed(error, as_json, debug)
                if out is not None and _starved(error):
                    os._exit(code)  # libraries that were loaded by half do not end well
            except KeyboardInterrupt:
                code = _fail("interrupted", 130, as_json)
            finally:
                sys.excepthook = hook
            if out is not None and out.lost:
                click.echo(
                    f"glasscli: stdout: {out.lost}; the answer is lost, files that were made are whole",
                    err=True,
                )
                code = code or EXIT_FAILED
            if out is not None:
                gc.freeze()  # what the process holds is not looked through once more before it ends
        sys.exit(code)

    def _run(self, words: list[str], name: str, as_json: bool, extra: dict[str, Any]) -> int:
        """Run, say what came of it, and return the exit code."""
        try:
            extra["obj"] = Invocation.of(words, _ranks_around())
            outcome = super().main(words, name, standalone_mode=False, **extra)
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message())
            return EXIT_DONE if not words else error.exit_code
        if not isinstance(outcome, Outcome):
            return outcome if isinstance(outcome, int) else EXIT_DONE
        if as_json:
            data = outcome.data | {"notes": list(outcome.notes)}
            click.echo(json.dumps(data, allow_nan=False, default=_plain))
        elif outcome.text:
            click.echo(lines(_one_line_names(outcome.text, words)))
        for note in outcome.notes:
            click.echo(f"note: {shown(' '.join(note.split()))}", err=True)
        return outcome.exit_code


def _plain_hdf5() -> None:
    """Let no variable of the environment say how files are stored: HDF5 ends the process over a driver it lacks.

    Our files are plain, and whatever needs a plug-in is refused; none is looked for. Locking stays the user's choice.
    """
    for name in ("HDF5_DRIVER", "HDF5_DRIVER_CONFIG", "HDF5_VOL_CONNECTOR", "HDF5_PLUGIN_PATH"):
        os.environ.pop(name, None)
    os.environ["HDF5_PLUGIN_PRELOAD"] = "::"  # its word for none


def _ranks_around() -> int:
    """How many ranks the `mpirun -n N glasscli` has whose first process this is; 1 without. The others end here.

    The first starts LAMMPS on N ranks itself (see `options.launch_of`).
    """
    if not any(name in os.environ for name in ("PMI_RANK", "OMPI_COMM_WORLD_RANK")):
        return 1
    from glasscli.engine.launch import forget_mpirun, started_as  # only here: the help loads nothing

    rank, ranks = started_as(os.environ)
    if rank:
        sys.exit(EXIT_DONE)
    forget_mpirun(os.environ)
    return ranks


def _where(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return context.command_path if context is not None else "glasscli"


def _ended() -> GlassError:
    """What is said of a library that ends the process."""
    held = limits()
    why = f"for this shell's limits ({held}): raise them" if held else "itself; --debug shows its words"
    return GlassError(f"a library ended the process {why}")


def _say_failed(error: BaseException, as_json: bool, debug: bool) -> int:
    """Say in one line why a command failed; return the exit code."""
    if isinstance(error, click.Abort):
        return _fail("interrupted", 130, as_json)
    if isinstance(error, click.ClickException):
        return _fail(error.format_message(), error.exit_code, as_json, _where(error))
    if debug:
        click.echo(lines("".join(traceback.format_exception(error))), err=True)
    if isinstance(error, GlassError):
        return _fail(str(error), error.exit_code, as_json, data=error.data)
    return _fail(_explain(error), EXIT_FAILED, as_json)


def _fail(
    message: str, code: int, as_json: bool, where: str = "glasscli", data: Mapping[str, Any] | None = None
) -> int:
    line = shown(" ".join(message.split()))
    if as_json:
        answer = {"error": line, "exit_code": code} | dict(data or {})
        click.echo(json.dumps(answer, allow_nan=False, default=_plain))
    click.echo(f"{where}: {line}", err=True)
    return code


def _explain(error: BaseException) -> str:
    """One line for an error nobody foresaw; disk and permission errors keep the system's words."""
    if _starved(error):
        return "not enough memory for this; use a smaller system, fewer frames or fewer --jobs"
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"no space left for {error.filename or 'the output'}; free some and run the same command again"
    if isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE):
        return "too many open files; raise the limit (ulimit -n) and run the same command again"
    if "disk is full" in str(error):
        return "no space left for the results; free some and run the same command again"
    if type(error).__module__.startswith("pydantic"):  # not loaded for a help
        first = error.errors()[0]  # type: ignore[attr-defined]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg'].lower()}; an option is out of range"
    if isinstance(error, ArithmeticError) or "allowed size exceeded" in str(error):
        return f"a number is out of range for this ({error}): give one nearer to the default"
    if isinstance(error, ValueError) and "null byte" in str(error):
        return "a name or a path holds a NUL character; no file can be called so"
    if isinstance(error, ValueError) and "has an empty name" in str(error):
        return "a folder is named where a file is wanted: give the file a name"
    if isinstance(error, FileNotFoundError) and error.filename is None and not _somewhere():
        return "the folder that this runs in was removed: go to another"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'file'}: {error.strerror.lower()}"
    if held := limits():  # Python and libraries have many words for memory that they did not get
        return (
            f"unexpected {type(error).__name__}: {error}; it may be this shell's limits ({held}): raise them"
        )
    return f"unexpected {type(error).__name__}: {error}; --debug shows where (please report it)"


def _one_line_names(text: str, words: Sequence[str]) -> str:
    """Text in which names that were given stay in their line, whatever is in them."""
    for word in (word for word in words if "\n" in word):
        for name in (word, PurePath(word).name, PurePath(word).stem):
            text = text.replace(name, shown(name)) if "\n" in name else text
    return text


def _starved(error: BaseException) -> bool:
    """Whether memory was too little; Python and the loader have other words for it in a small address space."""
    told = isinstance(error, SystemError | ImportError | OSError)
    words = (
        "error return without exception",
        "failed to map segment",
        "cannot allocate memory",
        "find/load shared object",
    )
    return isinstance(error, MemoryError) or (told and any(word in str(error).lower() for word in words))


def _somewhere() -> bool:
    """Whether the working directory is still there."""
    try:
        return bool(os.getcwd())  # noqa: PTH109 (Path.cwd() says no more)
    except OSError:
        return False


def _plain(value: Any) -> Any:
    """NumPy scalars and arrays, and paths, as JSON."""
    if hasattr(value, "tolist"):
        return value.tolist()
    return str(value)
