"""In which encoding a file of text is written, found from its bytes.

A mark at its beginning decides, then whether all of it is sound UTF-8, then in which of the three
old encodings of Windows its letters are those of a language.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from pathlib import Path

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.errors import RefusedError

ENCODINGS = {
    "utf-8-sig": _l("UTF-8"),
    "utf-16-le": _l("UTF-16, little end first"),
    "utf-16-be": _l("UTF-16, big end first"),
    "cp1250": _l("Windows-1250, Central European"),
    "cp1252": _l("Windows-1252, Western European"),
    "cp1254": _l("Windows-1254, Turkish"),
}
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_HEAD = 65_536
_BLOCK = 1024 * 1024
_MOST_LETTERS = 1_000_000
_MOST_FAULTS = 1_000
_ASCII = bytes(range(128))
_UNTEXTLY = bytes({*range(9), *range(14, 27), *range(28, 32)})
# What is not UTF-8. Half of a surrogate pair is a fault of the text, not of its encoding.
_FAULT = re.compile("\udced[\udca0-\udcbf][\udc80-\udcbf]|([\udc80-\udcff])")
_OLD_EXCEL = bytes.fromhex("d0cf11e0a1b11ae1")
_ALPHABETS = {
    "cp1250": ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíľĺňóôŕšťúýž", "áéíóöőúüű", "ăâîşţ", "čćđšž"),
    "cp1252": ("äöüßàâæçéèêëîïôœùûñáíóúãõåøìò",),
    "cp1254": ("çğıöşüâîûİ",),
}
_FIRST_OF_LANGUAGE = {"pl": "cp1250", "tr": "cp1254"}


def found(path: Path, language: str) -> str:
    """Return the encoding of a text; ``language`` decides where its letters do not."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    for mark, encoding in _MARKS.items():
        if head.startswith(mark):
            return encoding
    if wide := _wide(head):
        return wide
    _refuse_what_is_no_text(head)
    letters, faults = _letters_and_faults(path)
    if faults * 10 <= len(letters):
        return "utf-8-sig"
    return _of_windows(Counter(letters), language)


def _wide(head: bytes) -> str | None:
    """Tell UTF-16 without a mark by where its zeros are: most letters have one."""
    even, odd, pairs = head[::2].count(0), head[1::2].count(0), len(head) // 2
    if odd > 0.3 * pairs and even <= odd // 10:
        return "utf-16-le"
    return "utf-16-be" if even > 0.3 * pairs and odd <= even // 10 else None


def _refuse_what_is_no_text(head: bytes) -> None:
    if head.startswith(_OLD_EXCEL):
        raise RefusedError(
            _("This is an old Excel file (.xls). Save it as .xlsx or CSV."), field="file"
        )
    if len(head) - len(head.translate(None, _UNTEXTLY)) > len(head) // 50:
        raise RefusedError(_("This is neither a CSV file nor an XLSX workbook."), field="file")


def _letters_and_faults(path: Path) -> tuple[bytes, int]:
    """Return the first bytes beyond ASCII, and how many places of the file are not UTF-8."""
    faults, letters = 0, bytearray()
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            if len(letters) < _MOST_LETTERS:
                letters += block.translate(None, _ASCII)
            faults += _faults(decoder.decode(block))
            if faults > _MOST_FAULTS + len(letters):
                break
    return bytes(letters), faults + _faults(decoder.decode(b"", True))


def _faults(text: str) -> int:
    return 0 if text.isascii() else sum(map(bool, _FAULT.findall(text)))


def _of_windows(letters: Counter[int], language: str) -> str:
    first = _FIRST_OF_LANGUAGE.get(language, "cp1252")
    order = [first, *(encoding for encoding in _ALPHABETS if encoding != first)]
    return max(order, key=lambda encoding: _share(letters, encoding))


def _share(letters: Counter[int], encoding: str) -> int:
    """Return how many of ``letters`` are of the language that fits them best."""
    texts = {byte: bytes([byte]).decode(encoding, "replace") for byte in letters}
    return max(
        sum(count for byte, count in letters.items() if texts[byte] in alphabet + alphabet.upper())
        for alphabet in _ALPHABETS[encoding]
    )
