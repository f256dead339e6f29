"""The few places that go around the wall, or could, each with its reason."""

from __future__ import annotations

import ast

from tests.wall.write_exceptions import CODE, LIST, calls_of, exceptions, reason_of

HOW = "run `python -m tests.wall.write_exceptions` and read the difference"
FEWEST_WORDS = 4


def test_whoever_goes_around_the_wall_says_why() -> None:
    silent = [
        f"{path}:{call.lineno}"
        for path, call in calls_of("unscoped")
        if len(reason_of(call).split()) < FEWEST_WORDS
    ]
    assert silent == []


def test_the_list_of_exceptions_is_up_to_date() -> None:
    assert exceptions().splitlines() == LIST.read_text().splitlines(), HOW


def test_one_operation_admits_new_projects() -> None:
    assert len({path for path, _ in calls_of("admit")}) <= 1


def test_no_other_engine_session_or_cursor() -> None:
    """An engine without the proof, or the driver's own cursor, would pass by the first wall.

    The database of an exchange is none of ours: it is connected to by itself, and only read.
    """
    allowed = {"connections.py", "wall/telling.py", "calls/following/addresses.py"}
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
