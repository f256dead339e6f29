"""The cast: a company with two projects, and people who may do more or less in it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from portal.access.permissions import Permission
from tests import factories as make


@pytest.fixture
def cast(app: Flask) -> Any:
    """Two projects of one company, and a second company that has the same names."""
    with make.building(app):
        admin = make.company("Brannova", email="admin@example.org")
        care, debts = make.project("Obsługa klienta"), make.project("Windykacja")
        head = make.role(
            "Team lead",
            Permission.VIEW_PEOPLE,
            Permission.MANAGE_PEOPLE,
            Permission.MANAGE_ACCESS,
            Permission.MANAGE_ROLES,
            Permission.VIEW_CALLS,
            Permission.REVEAL_NUMBERS,
            Permission.VIEW_CONTACTS,
            Permission.EDIT_CONTACTS,
        )
        day = make.group("Ranna zmiana")
        night = make.group("Nocna zmiana")
        make.join(care, day)
        make.join(debts, night)
        found = SimpleNamespace(
            admin=admin,
            care=care,
            debts=debts,
            day=day,
            night=night,
            lead_role=head,
            operator_role=make.template_role("operator"),
            supervisor_role=make.template_role("supervisor"),
            admin_role=make.template_role("admin"),
            lead=make.user("Łucja Kierownik", email="lead@example.org", role=head, projects=[care]),
            ala=make.user(
                "Şeyma Yıldırım", email="seyma@example.org", extension="3311", projects=[care]
            ),
            both=make.user("Both Ways", email="both@example.org", projects=[care], groups=[day]),
            debtor=make.user("Żaneta Dłużnik", email="zaneta@example.org", groups=[night]),
            super=make.user(
                "Kerem Aslan", email="kerem@example.org", role="supervisor", projects=[care, debts]
            ),
            operator=make.user("Jan Kos", email="jan@example.org", projects=[care]),
        )
    with make.building(app):
        found.other_admin = make.company("Other", email="other@example.org")
        found.other_project = make.project("Obsługa klienta")
        found.stranger = make.user("Şeyma Yıldırım", email="seyma@example.org")
        found.other_group = make.group("Ranna zmiana", found.stranger)
        found.other_role = make.role("Team lead", Permission.VIEW_CALLS)
    return found
