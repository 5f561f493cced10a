"""The table of what the sandbox does is true."""

from __future__ import annotations

import re
from pathlib import Path

import sandbox
from sandbox.methods import METHODS


def test_the_table_lists_exactly_the_methods_there_are():
    text = (Path(sandbox.__file__).parent / "coverage.md").read_text(encoding="utf-8")
    methods = text.split("## Web API methods")[1].split("## Everything else")[0]
    listed = re.findall(r"^\| ([a-z]+\.[\w.]+) \|", methods, re.MULTILINE)
    assert listed == sorted(METHODS)
