"""Cases opened in a period, as they are now."""

from __future__ import annotations

from flask import url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import case

from portal.audit.fields import STATUSES
from portal.crm.models import Case, Contact
from portal.database import utcnow
from portal.members.models import User
from portal.projects.models import Project
from portal.reports import clock, dimensions
from portal.reports.moments import DAY_S, NOW_S, TODAY
from portal.reports.terms import Column, Dimension, Fact, Filter, Measure, Sum, Sums, share

_OPEN = Case.status != "done"
_OVERDUE = _OPEN & (Case.due < TODAY)
_OPENED_S = clock.Slot(Case.created_at, 1)

CASES = Sum("cases")
OPEN = Sum("open", _OPEN)
DONE = Sum("done", Case.status == "done")
OVERDUE = Sum("overdue", _OVERDUE)
OPENED = Sum("opened_s", _OPEN, _OPENED_S)


def _mean_age(sums: Sums) -> float | None:
    """Return the days since cases were opened: now less the mean of when that was."""
    opened = share(OPENED, OPEN)(sums)
    return None if opened is None else (utcnow().timestamp() - opened) / DAY_S


BY_STATUS = Dimension("status", _l("Status"), Case.status, words=STATUSES)
BY_OWNER = Dimension("owner", _l("Owner"), Case.owner_id, User, nothing=_l("Nobody"))
BY_PROJECT = dimensions.by_project(Case.project_id)
BY_GROUP = dimensions.by_group(Case.owner_id)

MEASURES = (
    Measure("cases", _l("Cases"), _l("Cases that were opened in the period."), (CASES,)),
    Measure("open", _l("Open cases"), _l("Those of them that are not done today."), (OPEN,)),
    Measure(
        "done",
        _l("Done %"),
        _l("Cases that are done today as a share of those opened."),
        (DONE, CASES),
        unit="percent",
        value=share(DONE, CASES),
        better=1,
    ),
    Measure(
        "overdue",
        _l("Overdue"),
        _l("Open cases whose due day is past."),
        (OVERDUE,),
        better=-1,
    ),
    Measure(
        "age",
        _l("Average age (days)"),
        _l("Days since open cases were opened, on average."),
        (OPENED, OPEN),
        unit="decimal",
        value=_mean_age,
        better=-1,
        behind=OPEN,
    ),
)

FACT = Fact(
    name="cases",
    model=Case,
    at=Case.created_at,
    columns=(
        Column("time", _l("Opened"), Case.created_at, "moment"),
        Column("case", _l("Case"), Case.name),
        Column("contact", _l("Contact"), dimensions.name_of(Contact, Case.contact_id)),
        Column("project", _l("Project"), dimensions.name_of(Project, Case.project_id)),
        Column("status", _l("Status"), Case.status, words=STATUSES),
        Column("owner", _l("Owner"), dimensions.name_of(User, Case.owner_id), "person"),
        Column("age", _l("Age (days)"), case((_OPEN, (NOW_S - _OPENED_S) // DAY_S)), "count"),
        Column("due", _l("Due"), Case.due, "day"),
        Column("overdue", _l("Overdue"), case((_OVERDUE, "yes")), words={"yes": _l("Overdue")}),
    ),
    filters=(
        dimensions.of_projects(Case.project_id),
        Filter("status", _l("Status"), Case.status, words=STATUSES),
        dimensions.of_groups(Case.owner_id),
        Filter("owner", _l("Owner"), Case.owner_id, User),
    ),
    source=_l("There are no cases yet: open one on the page of a contact."),
    link=lambda case_id: url_for("cases.show", case_id=case_id),
)
