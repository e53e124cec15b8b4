"""The models know nothing of simulations, files or the command line."""

from tests.package.test_layers import FILES, imported, room_of

KNOWN = {"theory", "errors", "configuration", "units", "progress"}


def test_theory_imports_only_what_every_room_may():
    outside = {
        (name, other)
        for name, path in FILES.items()
        if room_of(name) == "theory"
        for other in imported(path)
        if room_of(other) not in KNOWN
    }
    assert not outside
