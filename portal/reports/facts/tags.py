"""Results of calls, and the tags that operators or the dialplan gave them."""

from __future__ import annotations

from dataclasses import replace

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from portal.calls.models import Visit, VisitTag
from portal.reports.facts import visits
from portal.reports.terms import Dimension, Measure, Sum, part
from portal.wall.criteria import looked_up

_ONE = looked_up(VisitTag, "tag_of_visit")
_IS_TAGGED = (
    select(_ONE.id)
    .where(_ONE.company_id == Visit.company_id, _ONE.visit_id == Visit.id)
    .correlate(Visit)
    .exists()
)
_OF_VISIT = (VisitTag.company_id == Visit.company_id) & (VisitTag.visit_id == Visit.id)

CALLS = Sum("visits")
TALK = Sum("talk_s", Visit.result == "answered", func.coalesce(Visit.talk_s, 0))
TAGGED = Sum("tagged", _IS_TAGGED)

BY_TAG = Dimension(
    "tag",
    _l("Tag"),
    VisitTag.tag,
    join=(VisitTag, _OF_VISIT),
    several=True,
    nothing=_l("No tag"),
)


SHARE = Measure(
    "share",
    _l("Share"),
    _l("Of all calls, or of those in the first group; a call with several tags counts in each."),
    (CALLS,),
    unit="percent",
    value=part(CALLS),
    whole=CALLS,
)
TALKED = Measure("talk", _l("Talk"), _l("Talk of answered calls."), (TALK,), unit="duration")
WITH_TAG = Measure(
    "tagged",
    _l("Tagged"),
    _l(
        "Calls with a tag; tags come from the queue_log of Asterisk: let the dialplan write them by"
        " QueueLog(queue,${UNIQUEID},agent,TAG,tag)."
    ),
    (TAGGED,),
)
FACT = replace(visits.FACT, name="tags", rollups=())
