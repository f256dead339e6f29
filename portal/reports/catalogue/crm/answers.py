"""What people answered to the questions of forms."""

from flask_babel import lazy_gettext as _l

from portal.access.permissions import Permission
from portal.reports.dimensions import CALENDAR
from portal.reports.facts import answers, fillings
from portal.reports.terms import Report

REPORT = Report(
    name="form-answers",
    number=34,
    section="crm",
    icon="message-2",
    label=_l("Form answers"),
    question=_l("What did people answer?"),
    fact=answers.FACT,
    measures=answers.MEASURES,
    groups=(
        answers.BY_QUESTION,
        answers.BY_ANSWER,
        fillings.BY_FORM,
        answers.BY_PROJECT,
        answers.BY_OPERATOR,
        *CALENDAR,
    ),
    grouped=2,
    permissions=(Permission.VIEW_CONTACTS,),
    default_period="last_30_days",
)
