"""Imports go down only: views → forms → guard → operations → queries → models."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# Layer → what it must not import; a module is of the layer that its file or folder is named after.
FORBIDDEN = {
    "operations": {"views", "forms", "guard", "htmx", "navigation"},
    "queries": {"views", "forms", "guard", "htmx", "navigation", "operations"},
    "models": {"views", "forms", "guard", "htmx", "navigation", "operations", "queries"},
    "forms": {"views", "htmx", "navigation"},
}
REQUEST = {"request", "session", "flash", "redirect", "render_template", "url_for"}
MODULES = sorted(
    path
    for path in (ROOT / "portal").rglob("*.py")
    if path.stem in FORBIDDEN and path.parent != ROOT / "portal"
)


def imports(path: Path) -> set[str]:
    """Return the names of all modules that a file imports, and of what it takes from flask."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_layer_knows_only_what_is_below_it(path):
    own = {name for name in imports(path) if name.startswith("portal.")}
    assert {n for n in own if FORBIDDEN[path.stem] & set(n.split(".")[1:])} == set()
    if path.stem != "forms":
        assert {n for n in imports(path) if n in {f"flask.{one}" for one in REQUEST}} == set()


def test_every_exception_to_a_check_says_why():
    """``noqa`` and ``type: ignore`` stand with a reason behind them on their line."""
    silent = []
    for folder in ("portal", "tests", "benchmarks", "migrations", "tools"):
        for path in (ROOT / folder).rglob("*.py"):
            for number, line in enumerate(path.read_text().splitlines(), 1):
                for mark in ("# noqa:", "# type: ignore"):
                    if f"  {mark}" in line and "#" not in line.split(mark, 1)[1]:
                        silent.append(f"{path.relative_to(ROOT)}:{number}")
    assert silent == []
