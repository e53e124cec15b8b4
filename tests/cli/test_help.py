"""Help in groups with defaults, completion, the files that people write: init and schema."""

import json
import shutil
import tomllib

import click
import pytest

from glasscli.cli import GROUPS, _commands, main
from glasscli.cli.call import call
from glasscli.cli.complete import measures, phases, systems
from glasscli.cli.init import QUESTIONS
from glasscli.cli.run import planned
from glasscli.model.system import System, built_in_systems
from glasscli.workflow.cluster import Cluster
from tests.cli.test_contract import commands


def test_every_command_is_in_one_group_of_the_help():
    names = [name for group in GROUPS.values() for name in group]
    assert sorted(names) == sorted(_commands())
    text = main.get_help(click.Context(main))
    assert [text.index(f"\n{title}:\n") for title in GROUPS] == sorted(
        text.index(f"\n{title}:\n") for title in GROUPS
    )


@pytest.mark.parametrize("command", commands())
def test_every_option_says_what_holds_without_it(command):
    context = click.Context(command)
    for option in command.params:
        if isinstance(option, click.Option) and not (option.is_flag or option.required or option.multiple):
            said = option.get_help_record(context)[1]
            assert "default: " in said, (command.name, option.name, said)


def test_systems_measures_and_phases_are_completed():
    def words(complete, text, name="x", **given):
        context = click.Context(main)
        context.params = given
        return [item.value for item in complete(context, click.Argument([name]), text)]

    assert words(systems, "kob") == ["kob-andersen", "kob-andersen-2d", "kob-andersen-ternary"]
    assert words(measures, "topology,ico") == ["topology,icosahedra"]
    assert "fcc-Zr" in words(phases, "fcc", "phase", system_name="cuzr")
    assert words(phases, "nano", "phase") == ["nanocomposite"] and words(phases, "nano", "phases") == []


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_study_for_a_question_can_be_run_as_it_stands(question, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = call("init", question, system="kob-andersen")
    _, tasks = planned(tmp_path / made["study"])
    assert tasks and all(word in tasks[0].words for word in ("quench", "--system", "kob-andersen"))
    text = (tmp_path / made["study"]).read_text()
    assert text.startswith("# ") and f"glasscli run {question}.toml" in text
    with pytest.raises(OSError, match="exists: give --force"):
        call("init", question)


def test_the_schema_has_every_key_with_its_meaning():
    for kind, model in (("system", System), ("cluster", Cluster)):
        schema = call("schema", kind)
        assert set(schema["properties"]) == set(model.model_fields) - {"potential_files"}
        assert all(value.get("description") for value in schema["properties"].values()), kind
    text = json.dumps(call("schema", "system"))
    assert '"T_start"' in text and '"liquid_exponent"' in text


def test_the_schema_of_studies_knows_the_options_of_commands(tmp_path):
    schema = call("schema", "study")
    stages = schema["properties"]["stages"]["properties"]
    assert {"after", "replicas", "rate", "system"} <= set(stages["quench"]["properties"])
    assert "force" not in stages["quench"]["properties"]
    study = tomllib.loads("[stages.quench]\nreplicas = 2\nrate = [1.0, 2.0]\n")
    assert set(study["stages"]["quench"]) <= set(stages["quench"]["properties"])
    assert set(built_in_systems())  # all of them are files that the schema of systems is of


def test_resume_says_what_the_command_that_began_the_run_would(glasscli, runs, tmp_path):
    shutil.copy(runs / "anneal.h5", tmp_path)
    said = glasscli("resume", "anneal.h5")
    assert said.code == 0 and "finished, nothing to do" in said.out
    assert "held at T = " in said.out and "E_IS" in said.out and "f_ico" in said.out
