"""Whom dialers reached while no operator was free."""

from flask_babel import lazy_gettext as _l

from portal.reports.dimensions import CALENDAR, HOUR, HOUR_OF_DAY
from portal.reports.facts import dialled
from portal.reports.terms import Chart, Report

REPORT = Report(
    name="dialer-losses",
    number=33,
    section="dialer",
    icon="phone-x",
    label=_l("Dialer losses"),
    question=_l("How often did a client answer, and no operator was there?"),
    fact=dialled.FACT,
    measures=(
        dialled.REACHED_ONES,
        dialled.LOSSES,
        dialled.LOSS_RATE,
        dialled.MEAN_HELD,
        dialled.LONGEST,
    ),
    groups=(dialled.BY_DIALER, HOUR_OF_DAY, HOUR, dialled.BY_PROJECT, *CALENDAR),
    chart=Chart("lines", ("loss_rate",)),
    where=(dialled.WITH_OPERATORS,),
)
