"""Names of files that are no UTF-8, or that matplotlib would read as mathematics."""

import os
import shutil

import numpy as np

from glasscli.configuration import Box, Configuration
from glasscli.errors import InputError
from glasscli.observables.structure_factor import structure_factor
from glasscli.report.canvas import label_of
from glasscli.report.page import Section, write_page


def test_a_page_links_to_a_name_that_is_no_utf8(tmp_path):
    data = tmp_path / os.fsdecode(b"bad\xff.csv")
    text = write_page(tmp_path / "p.html", os.fsdecode(b"\xff"), "", [Section("s", links=[data])]).read_text()
    assert 'href="bad%FF.csv"' in text


def test_files_of_odd_names_are_compared(runs, tmp_path, glasscli):
    names = [os.fsdecode(name) for name in (b"bad\xff.h5", b"a$b$.h5")]
    for name in names:
        shutil.copy(runs / "anneal.h5", tmp_path / name)
    answer = glasscli("report", *names, "--measure", "structure-factor", "-o", "p.html")
    assert answer.code == 0, answer.err
    assert [label_of(name) for name in (*names, "_a")] == ["bad\\udcff.h5", r"a\$b\$.h5", " _a"]


def test_bins_are_counted():
    c = Configuration(np.zeros((1, 3)), np.ones(1, np.int32), Box.cube(10.0))
    try:
        structure_factor(c, 28.0, 1e-9)
    except InputError as error:
        assert str(error).startswith("2.8e+10 bins are too many for S(q)") and "--q-width" in str(error)
    else:
        raise AssertionError("not refused")
