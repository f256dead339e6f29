"""What came of calls, and how they were tagged."""

from flask_babel import lazy_gettext as _l

from portal.reports.dimensions import CALENDAR
from portal.reports.facts import tags, visits
from portal.reports.terms import Chart, Report

REPORT = Report(
    name="results-tags",
    number=24,
    section="calls",
    icon="tags",
    label=_l("Results and tags"),
    question=_l("What came of the calls, and what were they about?"),
    fact=tags.FACT,
    measures=(visits.CALLS, tags.SHARE, tags.TALKED, tags.WITH_TAG),
    groups=(
        visits.BY_RESULT,
        tags.BY_TAG,
        visits.BY_OPERATOR,
        visits.BY_GROUP,
        visits.BY_QUEUE,
        visits.BY_PROJECT,
        *CALENDAR,
    ),
    grouped=2,
    chart=Chart("bars", ("visits",)),
)
