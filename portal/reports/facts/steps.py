"""Steps of scenarios that calls went through, as the exchange logged them."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import func

from portal.calls.models import ScenarioStep
from portal.objects.kinds.scenario import Scenario
from portal.projects.models import Project
from portal.reports import clock, dimensions
from portal.reports.terms import Column, Dimension, Fact, Filter, Measure, Sum, share

_LENGTH_S = clock.Slot(ScenarioStep.ended_at, 1) - clock.Slot(ScenarioStep.started_at, 1)
_IS_OVER = ScenarioStep.ended_at.is_not(None)
EXITS = {
    "step": _l("Next step"),
    "queue": _l("Queue"),
    "left": _l("Went on"),
    "hangup": _l("Hung up"),
    "open": _l("No end seen"),
}

ENTRIES = Sum("entries")
WENT_ON = Sum("went_on", ScenarioStep.exit.in_(("step", "queue", "left")))
HUNG_UP = Sum("hung_up", ScenarioStep.exit == "hangup")
OVER = Sum("over", _IS_OVER)
LENGTH = Sum("length_s", _IS_OVER, _LENGTH_S)

BY_SCENARIO = Dimension(
    "scenario",
    _l("Scenario"),
    ScenarioStep.scenario_id,
    Scenario,
    nothing=_l("Other scenarios"),
)
BY_STEP = Dimension("step", _l("Step"), ScenarioStep.step)
BY_EXIT = Dimension("exit", _l("Exit"), ScenarioStep.exit, words=EXITS)
BY_PROJECT = dimensions.by_project(ScenarioStep.project_id)

ENTERED = Measure(
    "entries",
    _l("Entries"),
    _l("How often calls came to a step; one that comes twice counts twice."),
    (ENTRIES,),
)
EXITED = Measure(
    "went_on",
    _l("Exits"),
    _l("Entries that went on: to the next step, to a queue, or out of the scenario."),
    (WENT_ON,),
    better=1,
)
HANG_UPS = Measure(
    "hung_up",
    _l("Hang-ups"),
    _l("Entries at which the caller hung up."),
    (HUNG_UP,),
    better=-1,
)
HANG_UP_SHARE = Measure(
    "hung_up_share",
    _l("Hang-ups %"),
    _l("Hang-ups as a share of all entries."),
    (HUNG_UP, ENTRIES),
    unit="percent",
    value=share(HUNG_UP, ENTRIES),
    better=-1,
)
MEAN_LENGTH = Measure(
    "length",
    _l("Average length"),
    _l("How long calls stayed in a step, on average, where its end is known."),
    (LENGTH, OVER),
    unit="duration",
    value=share(LENGTH, OVER),
    behind=OVER,
)

FACT = Fact(
    name="steps",
    model=ScenarioStep,
    at=ScenarioStep.started_at,
    columns=(
        Column("time", _l("Time"), ScenarioStep.started_at, "moment"),
        Column("project", _l("Project"), dimensions.name_of(Project, ScenarioStep.project_id)),
        Column(
            "scenario",
            _l("Scenario"),
            func.coalesce(
                dimensions.name_of(Scenario, ScenarioStep.scenario_id), ScenarioStep.scenario_raw
            ),
        ),
        Column("step", _l("Step"), ScenarioStep.step),
        Column("length", _l("Length"), _LENGTH_S, "duration"),
        Column("exit", _l("Exit"), ScenarioStep.exit, words=EXITS),
    ),
    filters=(
        dimensions.of_projects(ScenarioStep.project_id),
        Filter("scenario", _l("Scenario"), ScenarioStep.scenario_id, Scenario),
        Filter("exit", _l("Exit"), ScenarioStep.exit, words=EXITS),
    ),
    source=_l(
        "Steps come from the queue_log of Asterisk: let the dialplan write each by"
        " QueueLog(NONE,${UNIQUEID},NONE,SCENARIO,scenario|step), and SCENARIOEND with"
        " scenario|HANGUP where the caller hangs up; then say under Sources which scenario each"
        " name is."
    ),
)
