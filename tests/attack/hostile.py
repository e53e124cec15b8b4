"""Hostile texts by seeds: protocol and system files that were changed to run, reach, exhaust or crash something."""

from __future__ import annotations

import random

from tests.plain_system import PLAIN

STUDY = """folder = "out"
seed = 3

[stages.quench]
atoms = 200
steps = 60
equilibration = 10
inherent-every = 0
timestep = [0.002, 0.003]

[stages.anneal]
after = "quench"
T = "0.5"
steps = 50
new-velocities = true

[stages.analyze]
after = "anneal"
measure = "pdf"
"""
# Beyond every limit, or too small for anything: what lies between would only be work.
NUMBERS = [
    "nan",
    "inf",
    "-inf",
    "1e300",
    "-1e300",
    "-1",
    "0",
    "1e-300",
    "9" * 30,
    "9" * 4999,
    "1e400",
    "0.5",
    "true",
    "-0.0",
    "1e12",
    "10000000000",
    "0x7fffffffffffffff",
    "1979-05-27",
    "[]",
    "[[]]",
    "{}",
    '""',
    "12:00:00",
]


def texts(canary: str) -> list[str]:
    """Strings that would run, reach or show something."""
    return [
        canary,
        f"{canary} x",
        f"$({canary})",
        f"`{canary}`",
        f"; {canary};",
        f"| {canary}",
        f"--lmp={canary}",
        "--help",
        "-o",
        "../../outside",
        "/tmp/glasscli-outside",
        "/etc/passwd",
        "/dev/zero",
        "/dev/stdin",
        "~/x",
        "..",
        ".",
        "",
        " ",
        "\\u0000",
        "\\n",
        "\\u001b[2J\\u202e",
        "a" * 5000,
        "%s%n{0}{name}",
        "__import__('os')",
        "file:///etc/passwd",
        "https://127.0.0.1:9/x",
        "\\ud7ff",
        "nan",
        "1e309",
        "0.95Tf",
        "5 parsec",
    ]


def value(rng: random.Random, canary: str) -> str:
    """One TOML value."""
    kind = rng.random()
    if kind < 0.45:
        return rng.choice(NUMBERS)
    if kind < 0.9:
        return '"' + rng.choice(texts(canary)) + '"'
    if kind < 0.95:
        return str(list(range(rng.choice([2, 20_000]))))
    return "[" * 3000 + "]" * 3000


def damaged(rng: random.Random, text: str) -> bytes:
    """The bytes of a text, a few of them changed, cut or repeated."""
    data = bytearray(text.encode())
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(data) or 1)
        match rng.randrange(4):
            case 0:
                data[at : at + 1] = bytes([rng.randrange(256)])
            case 1:
                del data[at : at + rng.randint(1, 40)]
            case 2:
                data[at:at] = data[at : at + 60] * rng.choice([1, 500])
            case 3:
                data[at:at] = rng.choice([b"\0", b"\xff\xfe", b"\x1b[2J", b'"""', b"[[", b"{", b"\r"])
    return bytes(data)


def changed(rng: random.Random, text: str, keys: list[str], canary: str, below: str = "") -> str:
    """A text with values of some lines replaced, and lines added below some, mostly `below` a line."""
    lines = text.splitlines()
    first = next((k for k, line in enumerate(lines) if below and line.startswith(below)), 0)
    for _ in range(rng.randint(1, 3)):
        rows = [k for k, line in enumerate(lines) if " = " in line and k >= first]
        k = rng.choice(rows if rng.random() < 0.8 else [k for k, line in enumerate(lines) if " = " in line])
        name = lines[k].partition(" = ")[0] if rng.random() < 0.5 else rng.choice(keys)
        if name == lines[k].partition(" = ")[0]:
            lines[k] = f"{name} = {value(rng, canary)}"
        else:
            lines.insert(k + 1, f"{name} = {value(rng, canary)}")
    return "\n".join(lines) + "\n"


STUDY_KEYS = [
    "lmp",
    "start",
    "command",
    "system",
    "ranks",
    "replicas",
    "accelerator",
    "output",
    "limit",
    "species",
    "T",
    "rate",
    "every",
    "checkpoint-every",
    "after",
    "figure",
    "walltime",
    "seed",
    "folder",
    "jobs",
    '"--lmp"',
    "species-volumes",
    "T-start",
    "volume-per-atom",
    "composition",
    "ensemble",
    "pressure",
]


def study(seed: int, canary: str) -> bytes:
    """A hostile protocol file."""
    rng = random.Random(f"study {seed}")
    text = STUDY
    if seed % 4 == 1:
        commands = [
            f"quench --lmp {canary}",
            "build c15 -o ../x",
            f"theory {canary}",
            canary,
            "run",
            "trust",
            "work x",
            "quench\\n",
            "resume",
            "",
            "landscape",
            "submit",
            "analyze --help",
        ]
        text = text.replace("[stages.quench]", f'[stages.quench]\ncommand = "{rng.choice(commands)}"', 1)
        if rng.random() < 0.5:
            text = changed(rng, text, STUDY_KEYS, canary, "[stages")
    elif seed % 4 == 2:
        names = [
            "..",
            "a/b",
            '"../x"',
            '"a b"',
            '"$(x)"',
            '"\\u001b"',
            "-o",
            '""',
            '"plan"',
            "scales",
            "jobs",
        ]
        text = text.replace("stages.anneal", f"stages.{rng.choice(names)}")
    elif seed % 4 == 3 and rng.random() < 0.5:
        return damaged(rng, text)
    else:
        text = changed(rng, text, STUDY_KEYS, canary, "[stages")
    return text.encode()


STYLES = [
    "python lj",
    "mliap unified x.py",
    "kim X",
    "lj/cut 1e300",
    "lj/cut 500",
    "lj/cut -3",
    "lj/cut nan",
    "lj/cut",
    "hybrid/overlay lj/cut 2.5 python lj",
    "table linear 2000000000",
    "eam/fs",
    "list /dev/zero 2.5",
    "zero 1e9",
    "zero 2.5 full",
    "lj/cut/omp 2.5",
    "nonsense 1",
    "buck 2.5",
    "lj/cut 1e-300",
    "morse 2.5",
    "none",
    "reaxff NULL",
    "hybrid " * 60,
    "born 2.5",
    "tersoff",
    "quip",
    "mdi",
    "lj/cut/gpu 2.5",
    "coul/cut 1e5",
]
COMMANDS = [
    "shell touch x",
    "include /etc/passwd",
    "jump SELF",
    "pair_coeff * * /dev/zero A",
    "comm_modify cutoff 1e9",
    "comm_modify cutoff 999",
    "pair_coeff 1 1 1e300 1e300",
    "pair_coeff 1 1 -1 -1",
    "pair_coeff 1 1 1 1e-300",
    "pair_coeff 1 1 1.0 1.0 300",
    "pair_modify table 32",
    "pair_modify shift maybe",
    "kspace_style pppm 1e-30",
    "kspace_style ewald 1e-300",
    "mass 1 -5",
    "mass 1 1e300",
    "mass 9 1",
    "special_bonds lj 1e300 1 1",
    "newton off",
    "dielectric 0",
    "python f input 1",
    "print `id`",
    "variable a shell id",
    "pair_coeff 1 1 $(1+1) 1",
    "log x",
    "pair_coeff 1 1 @FILE 1",
    "pair_coeff 1 1 1.0 1.0 #",
    'pair_coeff 1 1 """ 1',
    "plugin load x.so",
]
SYSTEM_KEYS = [
    "smooth",
    "steps_per_nanosecond",
    "exchange_timestep",
    "potential_files",
    "description",
    "source",
    "lmp",
]


def system(seed: int, canary: str) -> bytes:
    """A hostile system file."""
    rng = random.Random(f"system {seed}")
    text = PLAIN
    style, coefficients = "pair_style lj/cut 2.5", "pair_coeff 1 1 1.0 1.0"
    assert style in text and coefficients in text
    if seed % 4 == 0:
        text = text.replace(style, f"pair_style {rng.choice(STYLES)}")
        if rng.random() < 0.5:
            text = text.replace(
                coefficients, f"pair_coeff * * {rng.choice(['A', 'x.fs A', '/dev/zero A', '1 1 1'])}"
            )
    elif seed % 4 == 1:
        command = rng.choice(COMMANDS).replace("@FILE", canary).replace('"', '\\"')
        text = text.replace(coefficients, f'{coefficients}", "{command}')
    elif seed % 4 == 2 and rng.random() < 0.5:
        return damaged(rng, text)
    else:
        text = changed(rng, text, SYSTEM_KEYS, canary)
    return text.encode()
