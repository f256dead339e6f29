"""The access map: every route with what it needs, as the views declare it.

``python -m tests.access.write_map`` writes it anew; read the difference before you commit it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from flask import Flask
from werkzeug.routing import Rule

from portal.access.guard import access_of
from portal.calls.receiving import gate

MAP = Path(__file__).with_name("access_map.txt")
_ANSWERED_BY_FLASK = {"HEAD", "OPTIONS"}


def methods_of(rule: Rule) -> list[str]:
    return sorted((rule.methods or set()) - _ANSWERED_BY_FLASK)


def rules(app: Flask) -> Iterator[Rule]:
    """Yield every route but that of the static files."""
    yield from (rule for rule in app.url_map.iter_rules() if rule.endpoint != "static")


def access_map(app: Flask) -> str:
    """Return a line for each method and route. ``enhanced``: only behind walls."""
    lines = [(gate.PATH, "POST", "token of a source")]  # it stands before Flask
    for rule in rules(app):
        access = access_of(app, rule.endpoint)
        assert access is not None, rule.endpoint
        needs = f"{access} enhanced" if access.walled else str(access)
        lines += [(rule.rule, method, needs) for method in methods_of(rule)]
    width = max(len(route) for route, _, _ in lines)
    return "".join(f"{m:<5} {route:<{width}}  {needs}\n" for route, m, needs in sorted(lines))


def main() -> None:
    from portal import create_app

    config = {"SECRET_KEY": "none", "SQLALCHEMY_DATABASE_URI": "sqlite://"}
    MAP.write_text(access_map(create_app(config)))


if __name__ == "__main__":
    main()
