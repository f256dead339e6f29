"""``flask portal import-calls``."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from portal.calls.evidence import CallSource
from portal.calls.models import Call
from portal.extensions import db
from tests.calls.logs import LOG, MASTER, OLD_LOG, V16
from tests.factories import building, company


@pytest.fixture
def centre(app: Flask) -> Flask:
    with building(app):
        company("Żółw & Ska")
    return app


def run(app: Flask, *arguments: str | Path, name: str = "Żółw & Ska") -> Result:
    words = ["portal", "import-calls", "--company", name, "--source", "pbx", *map(str, arguments)]
    return app.test_cli_runner().invoke(args=words)


def calls(app: Flask) -> int:
    with building(app, of=_company(app)):
        return db.session.scalar(select(func.count()).select_from(Call)) or 0


def _company(app: Flask) -> object:
    from portal.company.models import Company
    from portal.wall.scope import unscoped

    with app.app_context(), unscoped("the test looks for the company it made"):
        found = db.session.scalars(select(Company)).one()
        db.session.expunge(found)
        return found


def test_files_are_imported_and_counted(centre: Flask) -> None:
    first = run(centre, OLD_LOG, LOG, MASTER)
    assert first.exit_code == 0
    assert first.output.splitlines() == [
        "3 files, 1068 lines read: 1067 new, 1 of unknown events, 0 duplicate, 0 malformed, "
        "0 blank",
        "232 calls new, 186 changed",
    ]
    assert calls(centre) == 232
    again = run(centre, MASTER, LOG)
    assert again.output.splitlines() == [
        "2 files, 0 lines read: 0 new, 0 of unknown events, 0 duplicate, 0 malformed, 0 blank",
        "0 calls new, 0 changed",
        "801 lines had been read before",
    ]
    assert calls(centre) == 232


def test_a_folder_is_searched_for_files_of_known_formats(centre: Flask) -> None:
    result = run(centre, V16)
    assert result.exit_code == 0
    assert "truth.csv is not a file that can be imported" in result.output
    assert calls(centre) == 232


def test_a_new_source_takes_the_zone_that_is_given_or_the_companys(centre: Flask) -> None:
    assert run(centre, "--timezone", "Europe/Istanbul", OLD_LOG).exit_code == 0
    with building(centre, of=_company(centre)):
        source = db.session.scalars(select(CallSource)).one()
        assert source.timezone == "Europe/Istanbul"
    other = run(centre, "--timezone", "Europe/London", LOG)
    assert (other.exit_code, other.output) == (
        1,
        "Error: The source 'pbx' is in Europe/Istanbul.\n",
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((V16 / "truth.csv",), "truth.csv is not a file that can be imported"),
        (("--timezone", "Mars/Olympus", LOG), "This time zone is not known."),
        ((Path("no-such-file"),), "does not exist"),
        ((), "Missing argument"),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(
    centre: Flask, arguments: tuple[str | Path, ...], says: str
) -> None:
    result = run(centre, *arguments)
    assert result.exit_code != 0
    assert says in result.output
    assert calls(centre) == 0


def test_the_company_has_to_be_there(centre: Flask) -> None:
    result = run(centre, LOG, name="Zolw")
    assert (result.exit_code, result.output) == (1, "Error: There is no company named 'Zolw'.\n")
