"""A refusal is one line with the place, the reason and the near key."""

import pytest
from pydantic import Field

from glasscli.errors import InputError
from glasscli.model.strict import Strict, checked, parse_toml


class Inner(Strict):
    mass: float
    weights: dict[str, float | list[float]] = Field(default_factory=dict)


class Outer(Strict):
    one: Inner
    several: tuple[Inner, ...] = ()
    named: dict[str, Inner] = Field(default_factory=dict)
    count: int = 1


GOOD = {"one": {"mass": 1.0}}


def test_what_stands_in_a_file_is_taken_as_it_stands():
    found = checked(Outer, GOOD | {"several": [{"mass": 2.0}], "named": {"a": {"mass": 3}}}, "f.toml")
    assert (found.several[0].mass, found.named["a"].mass) == (2.0, 3.0)
    with pytest.raises(Exception, match="frozen"):
        found.count = 2


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"on": {"mass": 1.0}}, "unknown key 'on' (did you mean 'one'?)"),
        ({"one": {"masss": 1.0}}, "unknown key 'one.masss' (did you mean 'mass'?)"),
        (GOOD | {"several": [{"mas": 1.0}]}, "unknown key 'several.0.mas' (did you mean 'mass'?)"),
        (GOOD | {"named": {"count": {"mas": 1.0}}}, "unknown key 'named.count.mas' (did you mean 'mass'?)"),
        (GOOD | {"count": "2"}, "count: Input should be a valid integer"),
        (GOOD | {"count": 2.5}, "count: Input should be a valid integer"),
        ({"one": {"mass": float("inf")}}, "one.mass: Input should be a finite number"),
        ({"one": {"mass": 1.0, "weights": {"a": float("nan")}}}, "Input should be a finite number"),
        ({}, "one: Field required"),
    ],
)
def test_what_is_refused_is_named(values, says):
    with pytest.raises(InputError) as refused:
        checked(Outer, values, "f.toml")
    said = str(refused.value)
    assert said.startswith("f.toml: ") and says in said and "\n" not in said


@pytest.mark.parametrize("content", [b"a = ", b"a = '\xff'", b"[a"])
def test_what_is_no_toml_is_said(content):
    with pytest.raises(InputError, match=r"^f\.toml: not TOML"):
        parse_toml(content, "f.toml")
