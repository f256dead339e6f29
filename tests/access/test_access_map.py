"""What each route needs is written down, so that a change of it is seen by who reviews it."""

from __future__ import annotations

from portal.access.guard import access_of
from tests.access.write_map import MAP, access_map, methods_of, rules

HOW = "run `python -m tests.access.write_map` and read the difference"
# Who is not signed in may come here. A new one is a decision: think before you add it.
# POST /intake is not among them: it needs a token, and stands before the routes.
PUBLIC = [
    "/choose-password",
    "/choose-password/<token>",
    "/forgot",
    "/forgot/sent",
    "/intake/openapi.json",
    "/language",
    "/outbox",
    "/reports/unsubscribe/<token>",
    "/sign-in",
    "/sign-in/code",
    "/sign-in/company",
    "/sign-out",
]


def test_the_access_map_is_up_to_date(app):
    assert access_map(app).splitlines() == MAP.read_text().splitlines(), HOW


def test_these_and_no_other_routes_are_public(app):
    public = {rule.rule for rule in rules(app) if access_of(app, rule.endpoint).public}
    assert sorted(public) == PUBLIC


def test_get_is_never_the_only_way_to_change_something(app):
    """Routes named like a change take POST only: no link, picture or prefetch triggers them."""
    verbs = ("delete", "lock", "unlock", "archive", "restore", "invite", "end", "reveal", "off")
    wrong = [
        rule.rule
        for rule in rules(app)
        if rule.rule.rsplit("/", 1)[-1] in verbs and "GET" in methods_of(rule)
    ]
    assert wrong == []
