"""All reports: each module in ``portal.reports.catalogue`` is one, found by itself."""

from __future__ import annotations

import importlib
import pkgutil

from flask_babel import lazy_gettext as _l

from portal.access.identity import can
from portal.reports import catalogue
from portal.reports.terms import Report


def _find() -> dict[str, Report]:
    modules = pkgutil.walk_packages(catalogue.__path__, f"{catalogue.__name__}.")
    found = [importlib.import_module(module.name) for module in modules if not module.ispkg]
    reports = [module.REPORT for module in found if hasattr(module, "REPORT")]
    return {one.name: one for one in sorted(reports, key=lambda one: one.number)}


REPORTS: dict[str, Report] = _find()

SECTIONS = {
    "users": _l("Users"),
    "kpi": _l("KPI"),
    "calls": _l("Calls"),
    "dialer": _l("Dialers"),
    "crm": _l("CRM"),
    "messages": _l("Messages"),
    "lines": _l("Lines"),
    "company": _l("Company"),
}


def offered() -> list[Report]:
    """Return the reports that the person who is asking may open."""
    return [one for one in REPORTS.values() if all(map(can, one.permissions))]
