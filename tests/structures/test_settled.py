"""A built structure that did not come to rest is said to."""

from glasscli.cli.build import command as build_command
from glasscli.engine.minimiser import Minimiser
from glasscli.model.protocol import Minimisation
from tests.conftest import in_process


def test_a_minimum_that_was_not_reached_is_said(tmp_path, monkeypatch):
    call = in_process("build", build_command, tmp_path, monkeypatch)
    words = ("random", "--atoms", "200", "-o", "r.data")
    code, _, err = call(*words)
    assert code == 0 and "converged" not in err
    few = Minimisation(max_iterations=3)
    monkeypatch.setattr("glasscli.structures.settle.Minimiser", lambda system: Minimiser(system, few))
    code, _, err = call(*words, "--force")
    assert code == 0 and "the inherent structure has not converged: largest force up to" in err
