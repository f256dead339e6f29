"""Which ways callers take through the scenarios, and where they give up."""

from flask_babel import lazy_gettext as _l

from portal.reports.dimensions import CALENDAR
from portal.reports.facts import steps
from portal.reports.terms import Chart, Report

REPORT = Report(
    name="scenario-paths",
    number=26,
    section="calls",
    icon="route",
    label=_l("Scenario paths"),
    question=_l("Which steps do callers take through a scenario, and at which do they hang up?"),
    fact=steps.FACT,
    measures=(
        steps.ENTERED,
        steps.EXITED,
        steps.HANG_UPS,
        steps.HANG_UP_SHARE,
        steps.MEAN_LENGTH,
    ),
    groups=(steps.BY_SCENARIO, steps.BY_STEP, steps.BY_EXIT, steps.BY_PROJECT, *CALENDAR),
    grouped=2,
    chart=Chart("stack", ("went_on", "hung_up")),
)
