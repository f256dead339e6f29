"""The same page by hand: the plans that an expert would write, and the query that others write.

Plain SQL over the driver, without policies. Which plan is the better one is not decided here: all
are run, and the cheapest with the right answer is the floor.
"""

from __future__ import annotations

import re
import sqlite3
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg

from benchmarks.stores import Store
from benchmarks.viewers import Page, Viewer
from portal.wall import telling
from portal.wall.scope import Scope

PAGE = 50
BUDGET = 2000

_LANES = {"operator_ids": "operator_id", "queue_ids": "queue_id"}
_JOINED = """
    SELECT v.id, v.call_id, v.started_at, v.direction, v.number, v.caller_name, p.name,
        coalesce(q.name, d.name, v.queue_raw), coalesce(u.name, v.agent_raw),
        v.wait_s, v.talk_s, v.result
    FROM {source}
    LEFT JOIN projects p ON p.company_id = 1 AND p.id = v.project_id
    LEFT JOIN queues q ON q.company_id = 1 AND q.id = v.queue_id {of_queue}
    LEFT JOIN dialers d ON d.company_id = 1 AND d.id = v.dialer_id {of_dialer}
    LEFT JOIN users u ON u.company_id = 1 AND u.id = v.operator_id {of_operator}
    {where} ORDER BY v.started_at DESC, v.id DESC LIMIT {page}
"""
_LOOKED_UP = """
    SELECT v.id, v.call_id, v.started_at, v.direction, v.number, v.caller_name,
        (SELECT p.name FROM projects p WHERE p.company_id = 1 AND p.id = v.project_id),
        coalesce(
            (SELECT q.name FROM queues q WHERE q.company_id = 1 AND q.id = v.queue_id {of_queue}),
            (SELECT d.name FROM dialers d
                WHERE d.company_id = 1 AND d.id = v.dialer_id {of_dialer}),
            v.queue_raw),
        coalesce((SELECT u.name FROM users u
            WHERE u.company_id = 1 AND u.id = v.operator_id {of_operator}), v.agent_raw),
        v.wait_s, v.talk_s, v.result
    FROM {source} {where} ORDER BY v.started_at DESC, v.id DESC LIMIT {page}
"""


@dataclass(frozen=True)
class Asked:
    """One page of one viewer, as conditions of SQL and their values."""

    conditions: list[str]
    values: dict[str, Any]
    viewer: Viewer
    lane: str | None
    digits: bool
    dialect: str

    @property
    def where(self) -> str:
        return " AND ".join(self.conditions)

    @property
    def seen(self) -> str:
        """What the viewer sees of ``visits``."""
        return "true" if self.viewer.sees_all else self.in_projects("v")

    def in_projects(self, alias: str) -> str:
        if self.dialect == "PostgreSQL":
            return f"{alias}.project_id = ANY(:projects)"
        return f"{alias}.project_id IN (SELECT value FROM json_each(:projects))"

    def rows(self, form: str, source: str, where: str = "") -> str:
        """Return the query of the rows; a name is shown to those who share a project with it."""
        walls = {"of_queue": "", "of_dialer": "", "of_operator": ""}
        if not self.viewer.sees_all:
            walls = {
                "of_queue": f"AND {self.in_projects('q')}",
                "of_dialer": f"AND {self.in_projects('d')}",
                "of_operator": "AND (u.id = :me OR EXISTS (SELECT 1 FROM project_users m WHERE"
                f" m.company_id = 1 AND m.user_id = u.id AND {self.in_projects('m')})"
                " OR EXISTS (SELECT 1 FROM group_users w JOIN project_groups m ON m.company_id = 1"
                " AND m.group_id = w.group_id WHERE w.company_id = 1 AND w.user_id = u.id"
                f" AND {self.in_projects('m')}))",
            }
        return form.format(source=source, where=where, page=PAGE, **walls)

    def from_keys(self, keys: str) -> dict[str, str]:
        """Return the query of the rows of ``keys``, in both forms."""
        cte = f"WITH keys AS MATERIALIZED ({keys}) "
        found = "keys CROSS JOIN visits v" if self.dialect == "SQLite" else "keys, visits v"
        where = "WHERE v.company_id = 1 AND v.id = keys.id"
        forms = {"joined": _JOINED, "looked up": _LOOKED_UP}
        sources = {"joined": "keys JOIN visits v ON v.company_id = 1 AND v.id = keys.id"}
        if self.dialect == "SQLite":  # says in which order
            sources = {"joined": sources["joined"].replace("JOIN", "CROSS JOIN")}
        return {
            "joined": cte + self.rows(forms["joined"], sources["joined"]),
            "looked up": cte + self.rows(forms["looked up"], found, where),
        }


def asked(dialect: str, viewer: Viewer, page: Page) -> Asked:
    filters, before = page.filters, page.before
    values: dict[str, Any] = {"start": filters.period.start, "end": filters.period.end}
    conditions = ["v.company_id = 1", "v.started_at >= :start", "v.started_at < :end"]
    if before:
        values |= {"at": before[0], "id": before[1]}
        conditions += ["v.started_at <= :at", "(v.started_at, v.id) < (:at, :id)"]
    if filters.results:
        listed = ", ".join(f"'{result}'" for result in filters.results)
        conditions.append(f"v.result IN ({listed})")
    lane = None
    for name, column in _LANES.items():
        if ids := getattr(filters, name):
            lane, values["lane"] = column, ids[0]
            conditions.append(f"v.{column} = :lane")
    if digits := filters.digits:
        more, less = ("~>=~", "~<~") if dialect == "PostgreSQL" else (">=", "<")
        ends = {"digits": digits, "digits_reversed": digits[::-1]}
        values |= ends
        values |= {f"{name}_end": f"{text}:" for name, text in ends.items()}
        ranges = [f"(v.{n} {more} :{n} AND v.{n} {less} :{n}_end)" for n in ends]
        conditions.append(f"({' OR '.join(ranges)})")
    if not viewer.sees_all:
        projects = [uuid.UUID(project.id) for project in viewer.projects]
        values |= {"projects": projects, "me": uuid.UUID(viewer.id)}
    return Asked(conditions, values, viewer, lane, bool(digits), dialect)


_NEWEST = "ORDER BY v.started_at DESC, v.id DESC LIMIT"


def plans(asked: Asked) -> dict[str, str]:
    """Return the hand-written plans worth trying, by name."""
    return {
        f"{name}, {form}": statement
        for name, keys in _keys(asked).items()
        for form, statement in asked.from_keys(keys).items()
    }


def _keys(asked: Asked) -> dict[str, str]:
    """Return the ways to find the keys."""
    plain = f"SELECT v.id FROM visits v WHERE {asked.where} AND {asked.seen} {_NEWEST} {PAGE}"
    if asked.dialect == "SQLite":
        return {
            index: plain.replace("visits v", f"visits v INDEXED BY {index}")
            for index in _sqlite_indexes(asked)
        } or {"plain": plain}
    if asked.digits:
        found = f"SELECT v.started_at, v.id, v.project_id FROM visits v WHERE {asked.where}"
        apart = f"WITH v AS MATERIALIZED ({found}) SELECT v.id FROM v WHERE {asked.seen}"
        return {"plain": plain, "by number": f"{apart} {_NEWEST} {PAGE}"}
    if asked.lane or asked.viewer.sees_all:
        return {"by time": plain}
    budget = (
        "SELECT b.id FROM (SELECT v.started_at, v.id, v.project_id, v.result FROM visits v"
        f" WHERE {_without_results(asked)} {_NEWEST} {BUDGET}) b"
        f" WHERE {asked.in_projects('b')} {_results(asked)}"
        f" ORDER BY b.started_at DESC, b.id DESC LIMIT {PAGE}"
    )
    lane = f"{asked.where} AND v.project_id = lane"
    threshold = (
        f"WITH tops AS MATERIALIZED (SELECT lane, top FROM unnest(:projects) lane, LATERAL"
        f" (SELECT v.started_at AS top FROM visits v WHERE {lane} {_NEWEST} 1) t),"
        f" bottom AS MATERIALIZED (SELECT coalesce((SELECT top FROM tops ORDER BY top DESC"
        f" OFFSET {PAGE - 1} LIMIT 1), :start) AS at)"
        " SELECT k.id FROM tops, bottom, LATERAL (SELECT v.started_at, v.id FROM visits v"
        f" WHERE {lane} AND v.started_at >= bottom.at {_NEWEST} {PAGE}) k"
        f" WHERE tops.top >= bottom.at ORDER BY k.started_at DESC, k.id DESC LIMIT {PAGE}"
    )
    return {"budget": budget, "threshold": threshold}


def _sqlite_indexes(asked: Asked) -> list[str]:
    if asked.digits:
        return []
    if asked.lane:
        return [f"ix_visits_{asked.lane.removesuffix('_id')}"]
    return ["ix_visits_started"] + ["ix_visits_project"] * (not asked.viewer.sees_all)


def _without_results(asked: Asked) -> str:
    return " AND ".join(c for c in asked.conditions if not c.startswith("v.result"))


def _results(asked: Asked) -> str:
    found = [c.replace("v.", "b.") for c in asked.conditions if c.startswith("v.result")]
    return "".join(f"AND {condition}" for condition in found)


def naive(asked: Asked) -> str:
    """Return the query that suggests itself, and that the planner is left alone with."""
    mine = "v.project_id IN (SELECT m.project_id FROM project_users m WHERE m.user_id = :me)"
    seen = "true" if asked.viewer.sees_all else mine
    return asked.rows(_JOINED, "visits v", f"WHERE {asked.where} AND {seen}")


class Hand:
    """A connection for SQL written by hand; ``walled``: as the portal's role, behind policies."""

    def __init__(self, store: Store, *, walled: bool = False) -> None:
        self.dialect = store.name
        self.walled = walled
        self.connection: Any
        if store.name == "PostgreSQL":
            url = store.walled if walled else store.bare
            self.connection = psycopg.connect(url, autocommit=not walled)
            self.backend = self.connection.info.backend_pid
        else:
            self.connection = sqlite3.connect(store.bare, isolation_level=None)
            self.connection.execute("PRAGMA cache_size = -64000")
            self.backend = None
        self.cursor = self.connection.cursor()

    def prepared(self, statement: str, values: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Return a statement and its values as the driver takes them."""
        used = {k: v for k, v in values.items() if re.search(rf":{k}\b", statement)}
        if self.dialect == "PostgreSQL":
            return re.sub(r"(?<!:):(\w+)", r"%(\1)s", statement), used
        return statement, {name: _sqlite_value(value) for name, value in used.items()}

    def runner(
        self, statement: str, values: dict[str, Any], scope: Scope
    ) -> Callable[[], list[Any]]:
        ready = self.prepared(statement, values)
        if not self.walled:
            return lambda: self.cursor.execute(*ready).fetchall()

        def run() -> list[Any]:
            self.cursor.execute(telling.SET, telling.settings(scope, False))
            return self.cursor.execute(*ready).fetchall()

        return run


def _sqlite_value(value: Any) -> Any:
    if isinstance(value, uuid.UUID):
        return value.hex
    if isinstance(value, list):
        return "[" + ",".join(f'"{one.hex}"' for one in value) + "]"
    if hasattr(value, "strftime"):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    return value


def key_of(row: Any) -> str:
    """Return a row's id in one form, whatever gave it."""
    return row[0].hex if isinstance(row[0], uuid.UUID) else row[0]
