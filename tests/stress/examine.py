"""Runs show, verify, analyze and repair on one file in one process and prints what each said as a JSON line."""

import contextlib
import io
import json
import sys

from glasscli.cli import main

for words in (["show"], ["verify"], ["analyze", "--jobs", "1"], ["repair"], ["verify"]):
    out, err, code = io.StringIO(), io.StringIO(), None
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main.main([*words, sys.argv[1], "--json"])
        except SystemExit as end:
            code = end.code
    print(json.dumps([words[0], code, out.getvalue(), err.getvalue()]))
