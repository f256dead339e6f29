"""Files of every sort: encodings that are found, workbooks, and what is meant to do harm."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

import openpyxl
import pytest

from portal.errors import RefusedError
from portal.imports import encodings, reading, workbooks
from portal.imports.reading import Format
from tests.attacks.processes import bytes_more
from tests.imports.conftest import counts, imported, upload

LIST = {"List": "Niechciane – Care PL"}
POLISH = "Numer;Nazwa\n512345460;Zażółć gęślą jaźń – Łukasz Ćwiąkała\n"
TURKISH = "Numara;Ad\n05321234567;Işık Şahin, Ağaç Güneş Öğretmen İğde\n"
GERMAN = "Telefon;Name\n512345460;Müller & Söhne, Straße Größe\n"
FRENCH = "Telefon;Name\n512345460;Hélène à côté, être là où ça naît\n"
CZECH = "Telefon;Name\n512345460;Příliš žluťoučký kůň úpěl ďábelské ódy\n"


@pytest.mark.parametrize(
    ("text", "encoding", "found"),
    [
        (POLISH, "utf-8", "utf-8-sig"),
        (POLISH, "utf-8-sig", "utf-8-sig"),
        (POLISH, "utf-16", "utf-16-le"),
        (POLISH, "utf-16-le", "utf-16-le"),
        (POLISH, "utf-16-be", "utf-16-be"),
        (POLISH, "cp1250", "cp1250"),
        (CZECH, "cp1250", "cp1250"),
        (GERMAN, "cp1252", "cp1252"),
        (FRENCH, "cp1252", "cp1252"),
        (TURKISH, "cp1254", "cp1254"),
        ("a;b\n1;2\n", "ascii", "utf-8-sig"),
    ],
)
def test_encodings_are_found_by_themselves(tmp_path, text, encoding, found):
    path = tmp_path / "table"
    path.write_bytes(text.encode(encoding))
    assert encodings.found(path, "en") == found
    rows = [record.cells for record in reading.all_rows(path, Format(found, ";"))]
    assert rows == [line.split(";") for line in text.splitlines()]


def test_a_letter_that_decides_nothing_goes_by_the_language(tmp_path):
    path = tmp_path / "table"
    path.write_bytes("name\nê".encode("cp1252"))
    assert [encodings.found(path, one) for one in ("en", "pl")] == ["cp1252", "cp1250"]


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_delimiters_are_found_by_themselves(tmp_path, sign):
    path = tmp_path / "table"
    path.write_text(f'phone{sign}name\n1{sign}"a, b; c"\n2{sign}d e f\n')
    assert reading.found_format(path, "utf-8-sig") == Format("utf-8-sig", sign, True)


def test_one_wrong_byte_spoils_a_row_and_not_the_file(centre, jan, work):
    rows = b"number;label\n512345460;" + "Łódź, Żółć".encode() * 20 + b"\n"
    rows = rows[:100] + b"\n512345461;a\xffb\n" + "512345462;Ś\n".encode() * 1
    page = imported(jan, rows, work, **LIST)
    assert counts(page) == [2, 0, 0, 1]
    reason = "It has characters that cannot be read. Is the encoding right?"
    assert page.rows()[0][:2] == ["3", reason]


@pytest.mark.parametrize(
    "bad",
    [
        b"512345461;a\x00b\n",
        b"512345461;a\xed\xa0\x80b\n",
        b"512345461;\x1b[31mred\n",
        b"512\x00345461;b\n",
    ],
)
def test_nul_bytes_surrogates_and_control_characters_spoil_their_row(centre, jan, work, bad):
    page = imported(jan, b"number;label\n" + bad + b"512345460;fine\n" * 30, work, **LIST)
    assert counts(page)[:3] == [1, 0, 0]
    assert page.rows()[0][0] == "2"


def test_half_a_pair_in_utf_16_spoils_its_row(centre, jan, work):
    text = "number;label\n512345461;x\ud800y\n512345460;fine\n"
    page = imported(jan, b"\xff\xfe" + text.encode("utf-16-le", "surrogatepass"), work, **LIST)
    assert counts(page) == [1, 0, 0, 1]


REFUSED = {
    "nothing": (b"", "This file is empty."),
    "blanks": (b"\n \n,,\n", "There are no rows in this file."),
    "binary": (bytes(range(256)) * 50, "This is neither a CSV file nor an XLSX workbook."),
    "old Excel": (
        bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600,
        "This is an old Excel file (.xls). Save it as .xlsx or CSV.",
    ),
    "no archive": (
        b"PK\x03\x04" + b"x" * 500,
        "This workbook cannot be read. Save it again as .xlsx or as CSV.",
    ),
    "a long line": (b"1," * 3_000_000, "Line 1 is too long for a table."),
    "a long line later": (b"1,2\n" * 5 + b"x" * 6_000_000, "Line 6 is too long for a table."),
    "many columns": (b"1," * 300 + b"1\n", "Line 1 has more than 200 columns."),
    "an open quote": (
        b'a,"b\n' + b"c,d\n" * 60_000,
        "The cell that begins on line 1 has no end: is a quotation mark missing?",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_table_is_refused_at_once(centre, jan, what):
    content, message = REFUSED[what]
    page = upload(jan, content, status=422, **LIST)
    assert page.errors() == {"File": message}


def test_a_line_of_200_mb_costs_no_memory(tmp_path):
    path = tmp_path / "long.csv"
    with path.open("wb") as file:
        file.write(b"number,label\n512345460,a\n")
        for _ in range(200):
            file.write(b"x" * 1024 * 1024)
    used = bytes_more()
    for read in (
        lambda: reading.count(path, Format("utf-8-sig", ",")),
        lambda: list(reading.all_rows(path, Format("utf-8-sig", ","))),
    ):
        with pytest.raises(RefusedError):
            read()
    assert used() < 60 * 1024 * 1024


def test_a_cell_without_an_end_stops_the_import_and_what_was_read_stays(centre, jan, work):
    rows = b"number,label\n" + b"".join(b"5123%05d,x\n" % n for n in range(2100))
    page = imported(jan, rows + b'512345460,"open\n' + b"1,2\n" * 60_000, work, **LIST)
    text = "The cell that begins on line 2102 has no end: is a quotation mark missing?"
    assert text in page.text
    assert sum(counts(page)) == 2000


# --- workbooks


def workbook(*rows) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    return saved(book)


def saved(book) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_a_workbook_with_numbers_days_and_formulas(centre, jan, work):
    content = workbook(
        ["Telefon", "Nazwa", "Ważny do"],
        [512345460, "Żółć", dt.datetime(2026, 12, 31, 10, 30)],  # noqa: DTZ001  # workbooks know no zones
        ["+48 512 345 461", "=1+1", dt.date(2026, 1, 2)],
        [48512345462.0, None, "31.12.2026"],
        ["=HYPERLINK(1)", "formula", None],
    )
    page = upload(jan, content, name="numery.xlsx", **LIST)
    assert page.all("select[name=encoding]") == []
    page = page.submit("Go on to the preview")
    assert page.rows("#preview table") == [
        ["2", "512345460", "Żółć", "2026-12-31 10:30:00", "Will be added"],
        ["3", "+48 512 345 461", "", "2026-01-02", "Will be added"],
        ["4", "48512345462", "", "31.12.2026", "Will be added"],
        ["5", "", "formula", "", "Will be refused Number is missing."],
    ]
    page = page.submit("Import all rows")
    work()
    assert counts(jan.get(page.path)) == [3, 0, 0, 1]


def packed(**parts: bytes) -> bytes:
    """Return a workbook in which some parts are others."""
    source = zipfile.ZipFile(io.BytesIO(workbook(["number"], ["512345460"])))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            stem = name.rsplit("/", 1)[-1].split(".")[0]
            archive.writestr(name, parts.pop(stem, source.read(name)))
        for stem, content in parts.items():
            archive.writestr(f"xl/{stem}.xml", content)
    return file.getvalue()


SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    "<sheetData>{}</sheetData></worksheet>"
)
CELL = '<row r="{0}"><c r="{1}{0}" t="inlineStr"><is><t>{2}</t></is></c></row>'
ENTITIES = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    + SHEET.format(CELL.format(1, "A", "&b;"))
)
CANNOT = "This workbook cannot be read. Save it again as .xlsx or as CSV."


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"sheet1": b" " * 60_000_000}, "This workbook is too large when it is unpacked."),
        ({"sharedStrings": b" " * 60_000_000}, "This workbook is too large when it is unpacked."),
        ({"styles": b" " * 9_000_000}, "This workbook is too large when it is unpacked."),
        ({"sheet1": ENTITIES.encode()}, CANNOT),
        ({"sheet1": b"<worksheet"}, CANNOT),
        ({"sheet1": SHEET.format(CELL.format(2_000_000, "A", "x")).encode()}, CANNOT),
        ({"workbook": b"<no/>"}, CANNOT),
    ],
)
def test_bombs_and_broken_workbooks_are_refused(centre, jan, parts, message):
    page = upload(jan, packed(**parts), name="bomb.xlsx", status=422, **LIST)
    assert page.errors() == {"File": message}


def test_the_sizes_are_looked_at_before_anything_is_unpacked(tmp_path):
    path = tmp_path / "bomb.xlsx"
    path.write_bytes(packed(sheet1=b"a" * 250_000_000))
    used = bytes_more()
    with pytest.raises(RefusedError):
        list(workbooks.rows(path))
    assert used() < 20 * 1024 * 1024


def test_escaped_surrogates_and_nul_in_a_workbook_spoil_their_row(centre, jan, work):
    rows = [CELL.format(1, "A", "number"), CELL.format(2, "A", "512345460")]
    rows += [
        CELL.format(n, "A", f"51234546{n}{bad}") for n, bad in ((3, "_xD800_"), (4, "_x0000_"))
    ]
    page = imported(
        jan, packed(sheet1=SHEET.format("".join(rows)).encode()), work, name="x.xlsx", **LIST
    )
    assert counts(page) == [1, 0, 0, 2]


def test_a_workbook_that_lies_about_its_size_is_read_as_it_is(centre, jan, work):
    lie = '<dimension ref="A1:XFD1048576"/><sheetData>'
    rows = CELL.format(1, "A", "number") + CELL.format(900_000, "A", "512345460")
    sheet = SHEET.format(rows).replace("<sheetData>", lie)
    page = imported(jan, packed(sheet1=sheet.encode()), work, name="x.xlsx", **LIST)
    assert counts(page) == [1, 0, 0, 0]
