"""Writes ``exceptions.txt``: every place that goes around the wall, and why.

>>> python -m tests.wall.write_exceptions
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import portal

CODE = Path(portal.__file__).parent
LIST = Path(__file__).with_name("exceptions.txt")


def calls_of(name: str) -> Iterator[tuple[str, ast.Call]]:
    """Yield the places in which the portal calls ``name``, as a function or a method."""
    for path in sorted(CODE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                called = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
                if called == name:
                    yield str(path.relative_to(CODE)), node


def reason_of(call: ast.Call) -> str:
    """Return the reason that is given in place; a computed one is none."""
    given = call.args[0] if len(call.args) == 1 else None
    return str(given.value) if isinstance(given, ast.Constant) else ""


def exceptions() -> str:
    lines = {f"{path}: {reason_of(call)}" for path, call in calls_of("unscoped")}
    return "\n".join(sorted(lines)) + "\n"


if __name__ == "__main__":
    LIST.write_text(exceptions())
