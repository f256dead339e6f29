"""``flask portal import-calls``."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from portal.calls.evidence import CallSource
from portal.calls.layouts.operations import save
from portal.calls.layouts.settings import Settings
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


@pytest.mark.parametrize("cut", [9, 400])
def test_a_damaged_file_is_refused_in_a_sentence(centre: Flask, tmp_path: Path, cut: int) -> None:
    damaged = tmp_path / "queue_log.1.gz"
    damaged.write_bytes(gzip.compress(OLD_LOG.read_bytes())[:-cut])
    result = run(centre, damaged)
    assert (result.exit_code, calls(centre)) == (1, 0)
    assert result.output == "Error: queue_log.1.gz is damaged or cut off.\n"


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
    assert [line.partition(":")[0] for line in result.output.splitlines() if "truth" in line] == [
        "truth.csv is a table", "truth_events.jsonl.gz is a table",
    ]  # fmt: skip
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
        ((V16 / "truth.csv",), "truth.csv is a table: name a layout of 'pbx' by --layout. It has "),
        ((Path(__file__),), "test_commands.py is not a file that can be imported"),
        (("--layout", "Żółw", LOG), "'pbx' has no layout named 'Żółw'. It has none: "),
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


def test_tables_are_read_by_a_layout(centre: Flask, tmp_path: Path) -> None:
    table, other, odd = (tmp_path / f"{name}.csv" for name in ("a", "b", "ó"))
    table.write_text("start;n\n05/02/2026 09:00;600\n25/02/2026 09:01;601\n")
    other.write_bytes(gzip.compress(b"start;n\n06/02/2026 09:00;602\n"))
    odd.write_text("start;number;x\n05/02/2026 09:00;600;1\n")
    run(centre, LOG)
    with building(centre, of=_company(centre)):
        source = db.session.scalars(select(CallSource)).one()
        for name in ("Day <b>", "Month"):
            settings = Settings(
                "Europe/Warsaw",
                delimiter=";",
                header=("start", "n"),
                width=2,
                date_order="dmy" if name == "Day <b>" else "mdy",
                columns={"start": 0, "number": 1},
            )
            save(source, name, settings, changing=None, version=1, actor=source)
    before = calls(centre)
    asked = run(centre, table)
    assert asked.output == (
        "Error: a.csv is a table: name a layout of 'pbx' by --layout. It has: 'Day <b>', 'Month'.\n"
    )
    refused = run(centre, "--layout", "Day <b>", odd)
    assert refused.output == "Error: ó.csv has other columns than the layout.\n"
    assert calls(centre) == before
    result = run(centre, "--layout", "DAY <b>", tmp_path)
    assert result.output.splitlines() == [
        "ó.csv has other columns than the layout.",
        "2 files, 5 lines read: 3 new, 0 of unknown events, 0 duplicate, 0 malformed, 2 blank",
        "3 calls new, 0 changed",
    ]
    assert table.read_text().startswith("start;n\n")
    again = run(centre, "--layout", "Day <b>", table)
    assert again.output.splitlines()[1:] == [
        "0 calls new, 0 changed", "3 lines had been read before",
    ]  # fmt: skip


def test_the_company_has_to_be_there(centre: Flask) -> None:
    result = run(centre, LOG, name="Zolw")
    assert (result.exit_code, result.output) == (1, "Error: There is no company named 'Zolw'.\n")
