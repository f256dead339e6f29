"""The steps of a scenario: looked at and edited, a change at a time.

Every change is a form of its own; htmx puts the steps anew in place of the old ones, and without
it the page is loaded again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, g, request, url_for
from flask_babel import gettext as _

from portal import htmx
from portal.access.guard import guard
from portal.access.permissions import Permission
from portal.errors import ConflictError, RefusedError
from portal.extensions import db
from portal.objects.kinds.scenario import KIND, Scenario, words
from portal.objects.kinds.scenario.check import check, paths
from portal.objects.kinds.scenario.content import (
    ENDS,
    MOST_DEPTH,
    MOST_STEPS,
    SETTINGS,
    Content,
)
from portal.objects.kinds.scenario.forms import StepForm, form_of
from portal.objects.kinds.scenario.targets import names
from portal.objects.versions import operations, queries
from portal.objects.versions.views import state_from

bp = Blueprint("scenarios", __name__, url_prefix="/objects/scenarios/<uuid:scenario_id>/steps")
CHANGES = (Permission.VIEW_OBJECTS, Permission.MANAGE_OBJECTS)


@bp.get("")
@guard(Permission.VIEW_OBJECTS, scenario=Scenario)
def show(scenario: Scenario) -> Any:
    """Show the steps; ``open`` names one whose settings are edited, ``at`` one to add before."""
    return _page(scenario, opened=_key("open", request.args), at=_key("at", request.args))


@bp.post("/add")
@guard(*CHANGES, scenario=Scenario)
def add(scenario: Scenario) -> Any:
    do = request.form.get("do", "")
    if do not in SETTINGS:
        abort(400)

    place, before = request.form.get("place", ""), _key("before")
    opens = do != "hang_up"
    return _change(scenario, lambda content: content.add(do, place, before).key, opens=opens)


@bp.post("/move")
@guard(*CHANGES, scenario=Scenario)
def move(scenario: Scenario) -> Any:
    by = {"up": -1, "down": 1}.get(request.form.get("by", "")) or abort(400)

    def change(content: Content) -> str:
        """Move the step; where its button is gone after that, the keyboard goes on elsewhere."""
        return key if content.move(key, by) else ""

    key = _key("key")
    return _change(scenario, change)


@bp.post("/remove")
@guard(*CHANGES, scenario=Scenario)
def remove(scenario: Scenario) -> Any:
    return _change(scenario, lambda content: content.remove(_key("key")), done="steps")


@bp.post("/set")
@guard(*CHANGES, scenario=Scenario)
def set_step(scenario: Scenario) -> Any:
    """Keep what was typed in the form of one step."""
    key = _key("key")
    try:
        step = queries.draft_of(KIND, scenario).find(key)[1]
    except KeyError:
        return _page(scenario, _gone(), status=409)
    form = form_of(step, scenario.project_id, typed=True)
    if not form.validate_on_submit():
        return _page(scenario, opened=key, form=form, status=422)
    return _change(scenario, lambda content: form.write(content.find(key)[1]), done=key)


def _key(name: str, source: Any = None) -> str:
    return (request.form if source is None else source).get(name, "")[:20]


def _gone() -> str:
    return _("Somebody else has changed this meanwhile.")


def _change(
    scenario: Scenario,
    change: Callable[[Content], str | None],
    *,
    opens: bool = False,
    done: str = "",
) -> Any:
    """Make one change of the draft and show the steps as they are then.

    ``done`` is the key of the step that the keyboard goes on from, or 'steps'.
    """
    try:
        content = queries.draft_of(KIND, scenario)
        key = change(content) or ""
        _refuse_too_much(content)
        state = state_from(request.form)
        with db.session.begin_nested():
            operations.save(KIND, scenario, content, state=state, actor=g.actor)
    except (KeyError, ConflictError):
        return _page(scenario, _gone(), status=409)
    except RefusedError as error:
        return _page(scenario, str(error.message), status=422)
    opened = key if opens else ""
    if htmx.wants_fragment():
        return _page(scenario, opened=opened, done=done or key)
    url = url_for(".show", scenario_id=scenario.id, open=opened or None)
    return htmx.see_other(url)


def _refuse_too_much(content: Content) -> None:
    if len(list(content.all())) > MOST_STEPS:
        raise RefusedError(_("A scenario has at most %(most)d steps.", most=MOST_STEPS))
    if content.depth > MOST_DEPTH:
        raise RefusedError(_("Menus and checks are nested too deeply."))


def _page(
    scenario: Scenario,
    problem: str = "",
    *,
    opened: str = "",
    at: str = "",
    done: str = "",
    form: StepForm | None = None,
    status: int = 200,
) -> Any:
    content = queries.draft_of(KIND, scenario)
    found, more = paths(content)
    if opened and form is None:
        form = _form(scenario, content, opened)
    return htmx.render(
        "scenarios/steps.html",
        "scenarios/_steps.html",
        status=status,
        kind=KIND,
        scenario=scenario,
        content=content,
        names=names(content),
        words=words,
        ends=ENDS,
        problem=problem,
        problems=check(scenario, content),
        paths=found,
        more_paths=more,
        opened=opened,
        form=form,
        at=at,
        done=done,
    )


def _form(scenario: Scenario, content: Content, key: str) -> StepForm | None:
    try:
        step = content.find(key)[1]
    except KeyError:
        return None
    return form_of(step, scenario.project_id, typed=False)
