"""`glasscli init`: a commented study for a question that many begin with."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import click

from glasscli.cli import complete
from glasscli.cli.claims import write_input
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.model.system import load_system

QUESTIONS = {
    "rates": "how T_f and E_IS depend on the cooling rate",
    "anneal": "what becomes of one glass that is held long",
    "depth": "how deep a hybrid takes four glasses",
    "modes": "which vibrations ten glasses have",
}


@make_command(
    "init",
    epilog="Examples:\n  glasscli init\n  glasscli init rates\n  glasscli init depth --system kob-andersen",
)
@click.argument("question", required=False, type=click.Choice(list(QUESTIONS)))
@click.option(
    "--system", "system_name", metavar="NAME|FILE.toml", shell_complete=complete.systems,
    help="What is simulated.  [default: wahnstrom, for modes wahnstrom-smooth]",
)  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The study.  [default: QUESTION.toml]")
@click.option("--force", is_flag=True, help="Replace an existing file.")
def command(question: str | None, system_name: str | None, output: Path | None, force: bool) -> Outcome:
    """Write a commented study for QUESTION: rates, anneal, depth or modes; without one say what they ask.

    `glasscli run QUESTION.toml` then makes it, `--dry-run` says what it costs.
    """
    if question is None:
        wide = max(map(len, QUESTIONS))
        lines = [f"  {name:{wide}}  {what}" for name, what in QUESTIONS.items()]
        return Outcome(
            {"questions": QUESTIONS}, "\n".join([*lines, "glasscli init QUESTION writes the study"])
        )
    text = (resources.files("glasscli") / "inputs" / "questions" / f"{question}.toml").read_text("utf-8")
    if system_name:
        load_system(system_name)  # refused here, not by the study
        text = _in(text, system_name)
    path = output or Path(f"{question}.toml")
    write_input(path, text, "a study", force)
    said = [f"wrote {path}: {QUESTIONS[question]}", f"  glasscli run {path} --dry-run    what it costs",
            f"  glasscli run {path}"]  # fmt: skip
    return Outcome({"study": str(path), "question": QUESTIONS[question]}, "\n".join(said))


def _in(text: str, system: str) -> str:
    """The study with another system in each line that names one."""
    lines = [
        f"system = {json.dumps(system)}" if line.startswith("system = ") else line
        for line in text.splitlines()
    ]
    return "\n".join(lines) + "\n"
