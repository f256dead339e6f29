"""How well the lines of each SIP provider put calls through."""

from flask_babel import lazy_gettext as _l

from portal.reports.dimensions import CALENDAR, HOUR, HOUR_OF_DAY
from portal.reports.facts import lines
from portal.reports.terms import Chart, Report

REPORT = Report(
    name="line-quality",
    number=40,
    section="lines",
    icon="link",
    label=_l("SIP line quality"),
    question=_l("How many calls do the lines of each provider put through, and how do they end?"),
    fact=lines.FACT,
    measures=(
        lines.MADE,
        lines.PUT_THROUGH,
        lines.ASR,
        lines.ACD,
        lines.BUSY,
        lines.NO_ANSWER,
        lines.FAILED,
        lines.LOST,
    ),
    groups=(lines.BY_PROVIDER, HOUR, HOUR_OF_DAY, lines.BY_PROJECT, *CALENDAR),
    chart=Chart("lines", ("asr",)),
)
