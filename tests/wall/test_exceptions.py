"""The few places that go around the wall, or could, each with its reason."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import portal

CODE = Path(portal.__file__).parent


def calls_of(name: str) -> Iterator[tuple[str, ast.Call]]:
    for path in sorted(CODE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                called = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
                if called == name:
                    yield str(path.relative_to(CODE)), node


def test_whoever_goes_around_the_wall_says_why() -> None:
    silent = [
        f"{path}:{call.lineno}"
        for path, call in calls_of("unscoped")
        if len(call.args) != 1
        or not isinstance(call.args[0], ast.Constant)
        or len(str(call.args[0].value).split()) < 4
    ]
    assert silent == []


def test_one_operation_admits_new_projects() -> None:
    assert len({path for path, _ in calls_of("admit")}) <= 1


def test_no_other_engine_session_or_cursor() -> None:
    """An engine without the proof, or the driver's own cursor, would pass by the first wall."""
    allowed = {"connections.py", "wall/rls.py"}
    found = {
        f"{path}: {name}"
        for name in (
            "create_engine",
            "engine_from_config",
            "sessionmaker",
            "raw_connection",
            "cursor",
        )
        for path, _ in calls_of(name)
        if path not in allowed
    }
    assert found == set()


def test_no_memberships_without_a_model() -> None:
    """Rows of a table without a model cannot be checked one by one."""
    assert [
        p
        for p, call in calls_of("relationship")
        if any(k.arg == "secondary" for k in call.keywords)
    ] == []


def test_nothing_is_yielded_from_within_unscoped() -> None:
    """Whoever takes from such a generator would go around the wall too, without saying so."""
    found = []
    for path in sorted(CODE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.With) and any(
                isinstance(item.context_expr, ast.Call)
                and getattr(item.context_expr.func, "id", "") == "unscoped"
                for item in node.items
            ):
                inside = (part for line in node.body for part in ast.walk(line))
                if any(isinstance(part, (ast.Yield, ast.YieldFrom)) for part in inside):
                    found.append(f"{path.relative_to(CODE)}:{node.lineno}")
    assert found == []
