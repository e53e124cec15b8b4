"""What may stand in the files that people write: keys with types, defaults and help, as text and as JSON Schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from glasscli.model.system import System
from glasscli.workflow.cluster import Cluster
from glasscli.workflow.expand import KINDS, RESERVED
from glasscli.workflow.study import StageFile, StudyFile

DRAFT = "https://json-schema.org/draft/2020-12/schema"
# What keys mean, by their place; those of a stage's options say it on the command line.
HELP = {
    "study": {
        "folder": "where its files go, within the folder that it is run from",
        "seed": "of all that is drawn by lot",
        "stages": "its runs of one kind each, in order",
        "stages.NAME.command": "what it runs; by default its name",
        "stages.NAME.after": "the stage whose files it starts from",
        "stages.NAME.start": "a file that it starts from",
        "stages.NAME.replicas": "independent samples of each of its runs",
        "scales": "tables [scales.NAME.STAGE] of values that --scale NAME puts in their places; false leaves one out",
    },
    "system": {
        "name": "what files and messages call it",
        "description": "one line",
        "source": "where its numbers are from",
        "units": "LAMMPS's units",
        "dimension": "2: atoms in a plane",
        "timestep": "of molecular dynamics, in its unit of time",
        "exchange_timestep": "of hybrids, whose steps are no time",
        "cutoff": "the longest range of its forces",
        "skin": "of neighbour lists",
        "commands": "LAMMPS commands that define the potential",
        "species": "one table of each kind of atom, in the order of its number",
        "species.name": "such as Cu",
        "species.mass": "in its unit of mass",
        "species.fraction": "of all atoms",
        "species.radius": "of the radical Voronoi tessellation",
        "species.charge": "of each atom",
        "species.diameter": "of each atom, for pair styles that read it",
        "sizes": "diameters that vary from atom to atom",
        "sizes.law": "how they are distributed",
        "sizes.exponent": "of power: a density s^exponent; 0 is a top hat",
        "sizes.deviation": "of gaussian, about the middle of smallest and largest",
        "sizes.smallest": "of power and gaussian",
        "sizes.largest": "of power and gaussian",
        "sizes.diameters": "of list: of equally many atoms each",
        "sizes.mean": "what they are scaled to; as they are without",
        "sizes.nonadditivity": "e of s_ij = (s_i + s_j)/2 (1 - e |s_i - s_j|)",
        "defaults": "what quench does where nothing is asked for",
        "defaults.atoms": "how many",
        "defaults.ensemble": "at constant volume, at constant pressure, or by random forces",
        "defaults.volume_per_atom": "V/N, in a plane an area",
        "defaults.pressure": "of npt",
        "defaults.T_start": "of the melt",
        "defaults.T_end": "of the glass",
        "defaults.equilibration_steps": "at T_start, before the ramp",
        "defaults.quench_steps": "of the ramp",
        "fictive": "where T_f is looked for; without it there is none",
        "fictive.glass_below": "the glass branch is fitted below this temperature",
        "fictive.liquid_above": "the liquid branch above this one",
        "fictive.liquid_exponent": "n of its law a + b T^n",
        "fictive.spread": "how much T_f differs between samples, as measured",
        "fictive.spread.atoms": "smallest and largest size that was quenched",
        "fictive.spread.rates": "slowest and fastest cooling",
        "fictive.spread.deviation": "of one sample of the smallest size at the slowest rate",
        "fictive.spread.rate_exponent": "how it grows with the rate",
        "fictive.spread.quenches": "how many it rests on",
        "smooth": "name or file of the same model with a force that goes to zero at the cutoff",
        "steps_per_nanosecond": "that the paper of a model without a clock counts",
    },
    "cluster": {
        "scheduler": "slurm, pbs, sge, lsf, oar, one of yours, or a file",
        "walltime": "of one job",
        "cores": "of one job",
        "pack": "tasks of one job, side by side; by default as many as cores",
        "queue": "or partition",
        "account": "that pays",
        "modules": "that jobs load",
        "setup": "lines of shell before glasscli",
        "extra": "directives as they are",
        "glasscli": "the command of jobs",
        "lmp": "LAMMPS's program and its launcher",
        "largest_array": "parts of one array at most",
    },
}  # fmt: skip
UNSAID = {"potential_files"}  # filled in when a file is read


@dataclass(frozen=True)
class Option:
    """An option of a stage's command: its type in JSON, default ('' where it has to be given), help, and choices."""

    name: str
    type: str | Sequence[str]
    default: str
    help: str
    choices: Sequence[str] = ()


@dataclass(frozen=True)
class Key:
    """One key of a file: its place, type, default ('' where it has to be given) and meaning."""

    place: str
    type: str
    default: str
    help: str


@dataclass(frozen=True)
class Schema:
    """The keys of one kind of file."""

    kind: str
    json: dict[str, Any]
    keys: tuple[Key, ...]

    def text(self) -> str:
        """A line a key."""
        wide = max(len(key.place) for key in self.keys)
        lines = [f"{self.kind} file (TOML):"]
        for key in self.keys:
            default = "required" if not key.default else f"default {key.default}"
            lines.append(f"  {key.place:{wide}}  {key.type}; {default}  {key.help}".rstrip())
        return "\n".join(lines)


def system_schema() -> Schema:
    """Of a system."""
    return Schema("system", _json(System, "system"), tuple(_keys(System, "system")))


def cluster_schema() -> Schema:
    """Of a cluster."""
    return Schema("cluster", _json(Cluster, "cluster"), tuple(_keys(Cluster, "cluster")))


def study_schema(commands: Mapping[str, Sequence[Option]]) -> Schema:
    """Of a study; commands: {command that can be a stage: its options}."""
    own = {k: v for k, v in StageFile.model_json_schema()["properties"].items() if k != "options"}
    for name, value in own.items():
        value["description"] = HELP["study"][f"stages.NAME.{name}"]
    own["command"]["enum"] = sorted(commands)
    stages = {}
    for name, options in commands.items():
        known = {o.name: _of_option(o) for o in options if o.name not in {*RESERVED, *own}}
        stages[name] = {"type": "object", "properties": own | known, "additionalProperties": False}
    simple = {name: stage for name, stage in stages.items() if name in KINDS}
    found: dict[str, Any] = {
        "$schema": DRAFT, "title": "glasscli study", "type": "object", "required": ["stages"],
        "properties": {
            "folder": {"type": "string", "description": HELP["study"]["folder"]},
            "seed": {"type": "integer", "minimum": 1, "default": 1, "description": HELP["study"]["seed"]},
            "stages": {
                "type": "object", "description": HELP["study"]["stages"], "properties": simple,
                "additionalProperties": {
                    "type": "object", "required": ["command"],
                    "allOf": [
                        {"if": {"properties": {"command": {"const": name}}}, "then": stage}
                        for name, stage in stages.items()
                    ],
                },
            },
            "scales": {"type": "object", "description": HELP["study"]["scales"]},
        },
        "additionalProperties": False,
    }  # fmt: skip
    said = HELP["study"]
    keys = [
        Key("folder", "text", "the file's name", said["folder"]),
        Key("seed", "whole number", "1", said["seed"]),
        *(
            Key(place, "whole number" if place.endswith("replicas") else "text", "none", text)
            for place, text in said.items()
            if place.startswith("stages.")
        ),
        Key("scales.NAME.STAGE", "table", "none", said["scales"]),
    ]
    for name, options in commands.items():
        keys += [
            Key(f"stages.{name}.{o.name}", _in_words(o), o.default, o.help)
            for o in options
            if o.name not in {*RESERVED, *own}
        ]
    assert set(StudyFile.model_fields) <= set(found["properties"])
    return Schema("study", found, tuple(keys))


def _of_option(option: Option) -> dict[str, Any]:
    """A value, or a list of values, which is a grid."""
    one: dict[str, Any] = {"enum": list(option.choices)} if option.choices else {"type": option.type}
    if option.type == "boolean":
        return {"type": "boolean", "description": option.help}
    return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}], "description": option.help}


WORDS = {"integer": "whole number", "number": "number", "string": "text", "boolean": "true or false",
         "array": "list", "object": "table"}  # fmt: skip


def _in_words(option: Option) -> str:
    if option.choices:
        return " | ".join(option.choices)
    types = [option.type] if isinstance(option.type, str) else option.type
    return " or ".join(WORDS[one] for one in types)


def _json(model: type[BaseModel], kind: str) -> dict[str, Any]:
    """JSON Schema of a model with the help of each key."""
    found = {"$schema": DRAFT} | model.model_json_schema()
    definitions: dict[str, Any] = found.get("$defs", {})
    for place, value in _properties(found, definitions):
        if help_ := HELP[kind].get(place):
            value["description"] = help_
    for name in UNSAID:
        found["properties"].pop(name, None)
    return found


def _properties(
    schema: Mapping[str, Any], definitions: Mapping[str, Any], above: str = ""
) -> Iterator[tuple[str, dict[str, Any]]]:
    """(place, its JSON Schema) of all keys, those of tables within it too."""
    for name, value in schema.get("properties", {}).items():
        if name in UNSAID:
            continue
        place = f"{above}{name}"
        yield place, value
        inner = _table(value, definitions)
        if inner is not None:
            yield from _properties(inner, definitions, f"{place}.")


def _table(value: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The table that a key holds, or a list of."""
    for one in (value, value.get("items", {}), *value.get("anyOf", ())):
        if "$ref" in one:
            found: Mapping[str, Any] = definitions[one["$ref"].rpartition("/")[2]]
            return found
    return None


def _keys(model: type[BaseModel], kind: str) -> Iterator[Key]:
    found = model.model_json_schema()
    definitions = found.get("$defs", {})
    required = set(_required(found, definitions))
    for place, value in _properties(found, definitions):
        default = "" if place in required else _default(value.get("default"))
        yield Key(place, _type(value, definitions), default, HELP[kind].get(place, ""))


def _required(schema: Mapping[str, Any], definitions: Mapping[str, Any], above: str = "") -> Iterator[str]:
    yield from (f"{above}{name}" for name in schema.get("required", ()))
    for name, value in schema.get("properties", {}).items():
        if (inner := _table(value, definitions)) is not None:
            yield from _required(inner, definitions, f"{above}{name}.")


def _default(value: Any) -> str:
    if value in (None, "", [], {}):
        return "none"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _type(value: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    if "enum" in value or "const" in value:
        return " | ".join(map(str, value.get("enum", [value.get("const")])))
    kinds = [one for one in value.get("anyOf", [value]) if one.get("type") != "null"]
    one = kinds[0]
    if "$ref" in one:
        return "table"
    if one.get("type") == "array" and "$ref" in one.get("items", {}):
        return "list of tables"
    return WORDS.get(one.get("type", ""), "value")
