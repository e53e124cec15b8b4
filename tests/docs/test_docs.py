"""The documentation is whole: every command in it, every link leads somewhere, every page in the site's navigation."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest

from glasscli import __version__
from glasscli.cli import main
from glasscli.model.system import load_system

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs").glob("*.md"))
TEXT = {path: path.read_text(encoding="utf-8") for path in [*PAGES, ROOT / "README.md"]}
# Right as they are.
NAMES = "numer,coul,te,nd,hove"


def paths(group=main, before=()):
    for name in group.list_commands(None):
        command = group.get_command(None, name)
        if isinstance(command, click.Group):
            yield from paths(command, (*before, name))
        else:
            yield " ".join((*before, name)), command


@pytest.mark.parametrize("path, command", paths(), ids=lambda value: value if isinstance(value, str) else "")
def test_every_command_has_help_an_example_and_a_docs_entry(path, command):
    assert command.help and f"glasscli {path}" in command.epilog
    assert any(f"glasscli {path}" in TEXT[page] for page in PAGES)
    row = rf"^\|.*`{path.split()[0]}`.*\|"
    assert re.search(row, TEXT[ROOT / "README.md"], re.MULTILINE), "no row in README's table of commands"


def test_links_lead_somewhere():
    broken = [
        f"{page.name}: {target}"
        for page, text in TEXT.items()
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert not broken


def test_words_are_spelled():
    """Pages, help texts, docstrings, messages and comments, by the list of misspellings of codespell."""
    places = [ROOT / name for name in ("README.md", "CHANGELOG.md", "docs", "glasscli", "inputs")]
    command = [
        sys.executable,
        "-m",
        "codespell_lib",
        "--skip",
        "*.png,__pycache__",
        "--ignore-words-list",
        NAMES,
    ]
    done = subprocess.run([*command, *map(str, places)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_sites_navigation_leads_to_pages():
    named = set(re.findall(r": (\S+\.md)", (ROOT / "mkdocs.yml").read_text()))
    assert {"index.md", "commands.md", "python.md"} <= named <= {page.name for page in PAGES}


def test_the_example_of_a_system_is_one(tmp_path):
    blocks = re.findall(r"(?:^    .*\n|^\n)+", TEXT[ROOT / "docs" / "extending.md"], re.MULTILINE)
    example = next(block for block in blocks if "pair_style" in block)
    file = tmp_path / "my.toml"
    file.write_text("\n".join(line.removeprefix("    ") for line in example.splitlines()))
    assert load_system(str(file)).n_species == len(tomllib.loads(file.read_text())["species"])


def test_completion_names_commands():
    environment = {"_GLASSCLI_COMPLETE": "bash_complete", "COMP_WORDS": "glasscli rep", "COMP_CWORD": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "glasscli"], capture_output=True, text=True, env=os.environ | environment
    )
    assert {"plain,report", "plain,reproduce"} <= set(done.stdout.split())


def test_versions_agree():
    assert f"version: {__version__}" in (ROOT / "CITATION.cff").read_text()
    assert __version__ in (ROOT / "CHANGELOG.md").read_text()
