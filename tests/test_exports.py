"""Downloads: what is in the cells, and that no spreadsheet takes any of it for a formula."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest
from flask import Flask
from openpyxl import load_workbook

from portal import exports

DANGEROUS = [
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\0=1", "  =1+1", "+48=1", "-5",
    '=HYPERLINK("http://evil.example")', "+48 512 345 460+1", "=cmd|' /C calc'!A0",
]  # fmt: skip
HARMLESS = [
    "+48 512 345 460", "+48512345460", "48512", "a=b", "Żółć", "Işıl", "", "'x", "<b>", "a,b;c\"d",
    "+48 512 ••• 460",
]  # fmt: skip


@pytest.fixture
def context():
    with Flask("downloads").test_request_context():
        yield


def as_csv(rows):
    answer = exports.download("csv", "name", ["Łódź", "=1"], rows)
    data = answer.get_data()
    assert data.startswith(b"\xef\xbb\xbf")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="name.csv"'
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def as_xlsx(rows):
    answer = exports.download("xlsx", "name", ["Łódź"], rows)
    answer.direct_passthrough = False
    return list(load_workbook(io.BytesIO(answer.get_data())).active.iter_rows())


@pytest.mark.parametrize("text", DANGEROUS)
def test_formulas_in_csv_become_text(context, text):
    cell = exports.harmless(text)
    assert cell == "'" + text.replace("\0", "\ufffd")
    assert as_csv([[text]])[1] == [cell]


@pytest.mark.parametrize("text", HARMLESS)
def test_the_rest_comes_back_unharmed(context, text):
    assert as_csv([[text, 1]])[1] == [text, "1"]


def test_cells_of_a_workbook_are_texts_numbers_and_dates(context):
    moment = dt.datetime(2026, 11, 22, 17, 5)  # noqa: DTZ001  # a cell knows no zone
    rows = as_xlsx([[text, 5, moment, None, True] for text in DANGEROUS + HARMLESS])
    found = [[cell.value for cell in row] for row in rows[1:]]
    texts = [text.replace("\0", "\ufffd") for text in DANGEROUS + HARMLESS]
    # A workbook keeps a line break as such.
    assert [row[0].replace("_x000D_", "\r") for row in found] == texts
    assert {tuple(row[1:3]) for row in found} == {(5, moment)}
    assert {cell.data_type for row in rows for cell in row} <= {"s", "n", "d", "b"}
    assert [cell.hyperlink for row in rows for cell in row if cell.hyperlink] == []


def test_what_no_format_can_hold(context):
    assert as_csv([["a\ud800b\x07c\ufffe", None]])[1] == ["a\ufffdb\ufffdc\ufffd", ""]
    assert as_xlsx([["a\ud800b\x07c\ufffe"]])[1][0].value == "a\ufffdb\ufffdc\ufffd"
    assert len(as_xlsx([["x" * 40_000]])[1][0].value) == 32_767


def test_rows_are_asked_for_while_they_are_sent(context):
    asked = []

    def rows():
        for number in range(2000):
            asked.append(number)
            yield [number]

    parts = exports.download("csv", "name", ["n"], rows()).response
    assert asked == []
    next(iter(parts))
    assert len(asked) < 2000
