"""What the documents name is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SECURITY = (ROOT / "docs" / "security.md").read_text("utf-8")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/*.md")])


def test_every_test_that_security_names_exists():
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", SECURITY)
    lost = [
        f"{path}::{name}"
        for path, name in named
        if f"def {name}(" not in (ROOT / "tests" / path).read_text("utf-8")
    ]
    assert lost == []
    assert len(named) > 80


def test_every_command_of_security_runs_something():
    given = re.findall(r'make test ARGS="([^"]+)"', SECURITY)
    assert [path for line in given for path in line.split() if not (ROOT / path).exists()] == []
    assert len(given) == SECURITY.count("\n| promise or attack | tests |")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path):
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", path.read_text("utf-8"))
    assert [one for one in targets if not (path.parent / one).exists()] == []
