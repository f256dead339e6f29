"""How to ask for every route of the portal, with ids of one's own and of others.

A route that is added later is asked by itself, as long as its arguments are known here.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask
from werkzeug.routing import Rule

from portal.access.permissions import Permission
from tests.access.world import World
from tests.access.write_map import methods_of, rules
from tests.factories import never_existed

OWN, SIBLING, FOREIGN, NEVER = "own", "sibling", "foreign", "never"
# Where the rows of each argument lie, seen by somebody in project A: own, sibling's, foreign.
_PROJECTS = {OWN: "A", SIBLING: "B", FOREIGN: "X"}
_COMPANY = {OWN: "O", FOREIGN: "W"}
_IN_NONE = {OWN: "U", FOREIGN: "V"}
IDS = {
    "project_id": ("project", _PROJECTS),
    "person_id": ("user", _PROJECTS),
    "group_id": ("group", _PROJECTS),
    "visit_id": ("visit", _PROJECTS),
    "identity_id": ("identity", _PROJECTS),
    "item_id": ("", _PROJECTS),
    "role_id": ("role", _COMPANY),
    "source_id": ("source", _COMPANY),
    "run_id": ("run", _IN_NONE),
    "rule_id": ("rule", _IN_NONE),
    "layout_id": ("layout", _IN_NONE),
    "job_id": ("job", _PROJECTS),  # of others: one's own are asked for in tests/jobs
    "session_id": ("session", _PROJECTS),
    "list_id": ("lists", _PROJECTS),
    "upload_id": ("import", _PROJECTS),  # of others, like jobs
    "saved_id": ("saved", _PROJECTS),  # of others: one's own are asked for in tests/reports/kept
    "subscription_id": ("subscription", _PROJECTS),  # like these
    "export_id": ("export", _PROJECTS),
    "entry_id": ("entry", _PROJECTS),
    "contact_id": ("contact", _PROJECTS),
    "dialer_id": ("dialers", _PROJECTS),
    "scenario_id": ("scenarios", _PROJECTS),
    "case_id": ("case", _PROJECTS),
    "queue_id": ("queues", _PROJECTS),
    "form_id": ("forms", _PROJECTS),
    "filling_id": ("filling", _PROJECTS),
}
# One kind that is owned and one that is shared stand for all ten.
WORDS = {
    "kind": ("queues", "phones"),
    "tab": ("users", "queues"),
    "format": ("csv", "xlsx"),
    "lane": ("project", "operator"),
    "target": ("numbers", "base", "contacts"),
    "token": ("nonsense",),
    "drafted": ("forms",),
    "report": ("queue-summary",),
    "number": ("1",),
    "page": ("p1",),
    "question": ("q1",),
    "type": ("text",),
}
# Needs that depend on the method or on the input, beyond what the view declares.
FURTHER = {
    ("objects.edit", "POST"): Permission.MANAGE_OBJECTS,
    ("questionnaire.edit_page", "POST"): Permission.MANAGE_OBJECTS,
    ("questionnaire.edit", "POST"): Permission.MANAGE_OBJECTS,
    ("fillings.delete", "POST"): Permission.DELETE_CONTACTS,  # they are finished
    ("imports.create", "GET"): Permission.MANAGE_OBJECTS,  # for the target that is asked for
    ("imports.create", "POST"): Permission.MANAGE_OBJECTS,
    ("activity.revert", "POST"): Permission.MANAGE_OBJECTS,  # the entries are of queues
}


@dataclass(frozen=True)
class Case:
    """One request: whose ids are in its address, and what rows these are."""

    rule: Rule
    method: str
    url: str
    whose: str
    row: str  # the kind of row that is not one's own, or ""
    group: tuple[str, ...]  # cases that differ only in whose the id is


def further(case: Case) -> Permission | None:
    """Return what a request needs beyond what its view declares."""
    needed = FURTHER.get((case.rule.endpoint, case.method))
    contacts = case.rule.endpoint == "imports.create" and "/contacts/" in case.url
    return Permission.EDIT_CONTACTS if contacts else needed


class UnknownArgumentError(Exception):
    """A route takes something that this module cannot give: say here what it may be."""


def cases(app: Flask, world: World) -> Iterator[Case]:
    adapter = app.url_map.bind("localhost")
    for rule in rules(app):
        for method in methods_of(rule):
            for words in _words(rule):
                for whose, row, values in _ids(world, rule, words):
                    url = adapter.build(rule.endpoint, {**words, **values}, method=method)
                    group = (rule.rule, method, *words.values(), row)
                    yield Case(rule, method, url, whose, row, group)


def _words(rule: Rule) -> Iterator[dict[str, str]]:
    names = sorted(rule.arguments - IDS.keys())
    unknown = set(names) - WORDS.keys() - (rule.defaults or {}).keys()
    if unknown:
        raise UnknownArgumentError(f"{rule.rule}: {', '.join(sorted(unknown))}")
    choices = [_choices(rule, name) for name in names]
    for values in itertools.product(*choices):
        yield dict(zip(names, values, strict=True))


def _choices(rule: Rule, name: str) -> tuple[str, ...]:
    if name in (rule.defaults or {}):
        return ((rule.defaults or {})[name],)
    both = {"tab", "item_id"} <= rule.arguments
    return ("queues",) if both and name == "tab" else WORDS[name]


def _ids(
    world: World, rule: Rule, words: dict[str, str]
) -> Iterator[tuple[str, str, dict[str, uuid.UUID]]]:
    """Yield ids: all one's own, then each of them in turn somebody else's."""
    names = sorted(rule.arguments & IDS.keys())
    own = {name: _row(world, name, OWN, words) for name in names}
    if not names:
        yield OWN, "", {}
    for name in names:
        kind, places = IDS[name]
        for whose in (*places, NEVER):
            changed = _row(world, name, whose, words)
            yield whose, kind or _kind(words), {**own, name: changed}


def _row(world: World, name: str, whose: str, words: dict[str, str]) -> uuid.UUID:
    if whose == NEVER:
        return never_existed()
    kind, places = IDS[name]
    return world.rows[kind or _kind(words)][places[whose]]


def _kind(words: dict[str, str]) -> str:
    """Return which kind of object an address is about."""
    return words.get("kind") or words.get("drafted") or words["tab"]
