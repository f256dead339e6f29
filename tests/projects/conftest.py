"""The cast: a company with two projects, and people who may do one thing each in the first."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from portal.access.permissions import Permission
from tests import factories as make

HOSTILE = '<img src=x onerror=alert(1)> "Łódź" =1+1'


@pytest.fixture
def cast(app: Flask) -> Any:
    """Two projects with queues and schedules; a company that has the same names."""
    with make.building(app):
        admin = make.company("Brannova", email="admin@example.org")
        care, debts = make.project("Obsługa", HOSTILE), make.project("Windykacja")
        day = make.group("Ranna zmiana")
        found = SimpleNamespace(
            admin=admin,
            default=make.default_project(),
            care=care,
            debts=debts,
            day=day,
            ala=make.user("Ala Yıldırım", email="ala@example.org", projects=[debts], groups=[day]),
            new=make.user("Nowy Żuk", email="new@example.org", projects=[make.default_project()]),
            gone=make.user("Zamknięty", email="gone@example.org", locked=True),
            keeper=make.user(
                "Keeper",
                email="keeper@example.org",
                role=make.role("Access", Permission.MANAGE_ACCESS),
                projects=[care],
            ),
            builder=make.user(
                "Builder",
                email="builder@example.org",
                role=make.role("Projects", Permission.MANAGE_PROJECTS),
                projects=[care, debts],
            ),
            narrow=make.user(
                "Narrow",
                email="narrow@example.org",
                role=make.role("Projects here", Permission.MANAGE_PROJECTS),
                projects=[care],
            ),
            lister=make.user(
                "Lister",
                email="lister@example.org",
                role=make.role("List", Permission.LIST_PROJECTS),
                projects=[care],
            ),
            operator=make.user("Jan Kos", email="jan@example.org", projects=[care]),
            own=make.make_object("queues", "Kolejka", care),
            queue=make.make_object("queues", HOSTILE, debts),
            same=make.make_object("queues", "KOLEJKA", debts),
            schedule=make.make_object("schedules", "Święta", debts),
        )
    with make.building(app):
        make.company("Other", email="other@example.org")
        found.foreign = make.project("Obsługa")
        found.stranger = make.user("Ala Yıldırım", email="ala2@example.org")
        found.foreign_queue = make.make_object("queues", "Kolejka", found.foreign)
        found.foreign_schedule = make.make_object("schedules", "Święta", found.foreign)
    return found
