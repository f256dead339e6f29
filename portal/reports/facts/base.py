"""The numbers of dialers as they are now, and the rows of files that never became one."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Uuid, cast, literal, null, select, union_all

from portal.objects.base.models import DialerNumber
from portal.objects.kinds.dialer import Dialer
from portal.projects.models import Project
from portal.reports import dimensions
from portal.reports.terms import Column, Dimension, Fact, Filter, Measure, Sum, share

STATES = {
    "waiting": _l("Waiting"),
    "reached": _l("Reached"),
    "wrong": _l("Wrong"),
    "excluded": _l("Excluded"),
    "done": _l("Done"),
}
_NUMBERS = select(
    DialerNumber.company_id, DialerNumber.id, DialerNumber.project_id, DialerNumber.dialer_id,
    DialerNumber.named_by, DialerNumber.number, DialerNumber.name, DialerNumber.state,
    DialerNumber.attempts, literal(0).label("refused"), literal(0).label("duplicates"),
)  # fmt: skip
# What imports left out is only counted, by dialer.
_LEFT_OUT = select(
    Dialer.company_id, Dialer.id, Dialer.project_id, Dialer.id, cast(null(), Uuid), literal(""),
    literal(""), literal(""), literal(0), Dialer.base_wrong, Dialer.base_duplicate,
).where(Dialer.base_wrong + Dialer.base_duplicate > 0)  # fmt: skip
_ROWS: Any = union_all(_NUMBERS, _LEFT_OUT).subquery("bases")
ROW = _ROWS.c
_IS_NUMBER = ROW.number != ""

TOTAL = Sum("total", _IS_NUMBER)
DONE = Sum("done", _IS_NUMBER & (ROW.state != "waiting"))
REACHED = Sum("reached", ROW.state == "reached")
LEFT = Sum("left", ROW.state == "waiting")
WRONG = Sum("wrong", ROW.state == "wrong")
REFUSED = Sum("refused", ROW.refused > 0, ROW.refused)
DUPLICATES = Sum("duplicates", ROW.duplicates > 0, ROW.duplicates)

BY_DIALER = Dimension("dialer", _l("Dialer"), ROW.dialer_id, Dialer)
BY_IMPORT = dimensions.by_import(ROW.named_by)
BY_PROJECT = dimensions.by_project(ROW.project_id)

MEASURES = (
    Measure("total", _l("Numbers"), _l("Numbers that stand in the base now."), (TOTAL,)),
    Measure(
        "done",
        _l("Done"),
        _l("Numbers that are not called any more: reached, wrong, excluded, or tried in vain."),
        (DONE,),
        better=1,
    ),
    Measure("left", _l("Still to do"), _l("Numbers that are still to be called."), (LEFT,)),
    Measure(
        "progress",
        _l("Done %"),
        _l("Numbers that are done as a share of all."),
        (DONE, TOTAL),
        unit="percent",
        value=share(DONE, TOTAL),
        better=1,
    ),
    Measure(
        "reached", _l("Reached"), _l("Numbers at which somebody answered."), (REACHED,), better=1
    ),
    Measure(
        "wrong", _l("Wrong"), _l("Numbers that proved wrong when called."), (WRONG,), better=-1
    ),
    Measure(
        "refused",
        _l("Refused rows"),
        _l("Rows of imported files that were no numbers; counted by dialer, not by import."),
        (REFUSED,),
        better=-1,
    ),
    Measure(
        "duplicates",
        _l("Duplicates"),
        _l("Rows of imported files whose number was there already; by dialer, not by import."),
        (DUPLICATES,),
        better=-1,
    ),
)

FACT = Fact(
    name="base",
    model=_ROWS,
    at=None,
    order=ROW.number,
    columns=(
        Column("number", _l("Number"), ROW.number, "phone"),
        Column("name", _l("Name"), ROW.name),
        Column("project", _l("Project"), dimensions.name_of(Project, ROW.project_id)),
        Column("dialer", _l("Dialer"), dimensions.name_of(Dialer, ROW.dialer_id)),
        Column("state", _l("State"), ROW.state, words=STATES),
        Column("attempts", _l("Attempts"), ROW.attempts, "count"),
        Column("refused", _l("Refused rows"), ROW.refused, "count"),
        Column("duplicates", _l("Duplicates"), ROW.duplicates, "count"),
    ),
    filters=(
        dimensions.of_projects(ROW.project_id),
        Filter("dialer", _l("Dialer"), ROW.dialer_id, Dialer),
        Filter("state", _l("State"), ROW.state, words=STATES),
    ),
    source=_l("No dialer has numbers yet: import a spreadsheet into a dialer, or type them in."),
    masked=True,
)
