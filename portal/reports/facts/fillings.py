"""Forms as people filled them in."""

from __future__ import annotations

from flask import url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import and_

from portal.crm.fillings.models import COMPLETE, DRAFT, FormFilling
from portal.crm.models import Contact
from portal.members.models import User
from portal.objects.kinds.form import CrmForm, FormVersion
from portal.projects.models import Project
from portal.reports import clock, dimensions
from portal.reports.terms import Column, Dimension, Fact, Filter, Measure, Sum, share

STATES = {DRAFT: _l("Begun"), COMPLETE: _l("Filled in")}
SOURCE = _l(
    "Nobody has filled in a form yet: publish a CRM form in a project, and fill it in on a call,"
    " a contact or a case."
)
_FINISHED = FormFilling.status == COMPLETE
_LENGTH = clock.Slot(FormFilling.completed_at, 1) - clock.Slot(FormFilling.started_at, 1)
_ITS_VERSION = and_(
    FormVersion.company_id == FormFilling.company_id,
    FormVersion.id == FormFilling.form_version_id,
)

STARTED = Sum("started")
FINISHED = Sum("finished", _FINISHED)
LENGTH = Sum("length_s", _FINISHED, _LENGTH)
LONGEST = Sum("longest_s", _FINISHED, _LENGTH, how="max")

BY_FORM = Dimension("form", _l("CRM form"), FormVersion.form_id, CrmForm)
OF_FORM = Filter("form", _l("CRM form"), FormVersion.form_id, CrmForm)
BY_PROJECT = dimensions.by_project(FormFilling.project_id)
BY_OPERATOR = dimensions.by_operator(FormFilling.filled_by_id)
BY_GROUP = dimensions.by_group(FormFilling.filled_by_id)

MEASURES = (
    Measure("started", _l("Forms started"), _l("Forms that were begun in the period."), (STARTED,)),
    Measure(
        "finished",
        _l("Forms finished"),
        _l("Those of the started forms that were filled in to the end, whenever that was."),
        (FINISHED,),
        better=1,
    ),
    Measure(
        "completion",
        _l("Finished %"),
        _l("Finished forms as a share of those started."),
        (FINISHED, STARTED),
        unit="percent",
        value=share(FINISHED, STARTED),
        better=1,
    ),
    Measure(
        "length",
        _l("Average length"),
        _l("From the start to the end of finished forms, on average, pauses included."),
        (LENGTH, FINISHED),
        unit="duration",
        value=share(LENGTH, FINISHED),
    ),
    Measure(
        "longest",
        _l("Longest"),
        _l("The longest time from the start to the end of a finished form."),
        (LONGEST,),
        unit="duration",
    ),
)

FACT = Fact(
    name="fillings",
    model=FormFilling,
    at=FormFilling.started_at,
    columns=(
        Column("time", _l("Time"), FormFilling.started_at, "moment"),
        Column("form", _l("CRM form"), dimensions.name_of(CrmForm, FormVersion.form_id)),
        Column("version", _l("Version"), FormVersion.number, "count"),
        Column("project", _l("Project"), dimensions.name_of(Project, FormFilling.project_id)),
        Column("contact", _l("Contact"), dimensions.name_of(Contact, FormFilling.contact_id)),
        Column("by", _l("By"), dimensions.name_of(User, FormFilling.filled_by_id), "person"),
        Column("state", _l("State"), FormFilling.status, words=STATES),
        Column("length", _l("Length"), _LENGTH, "duration"),
    ),
    filters=(
        dimensions.of_projects(FormFilling.project_id),
        OF_FORM,
        dimensions.of_groups(FormFilling.filled_by_id),
        dimensions.of_operators(FormFilling.filled_by_id),
        Filter("state", _l("State"), FormFilling.status, words=STATES),
    ),
    source=SOURCE,
    joins=((FormVersion, _ITS_VERSION),),
    link=lambda filling_id: url_for("fillings.show", filling_id=filling_id),
)
