"""What hostile texts could do in an answer: become markup in a page, or a formula in an export."""

from __future__ import annotations

import csv
import io
import re
import zipfile

from selectolax.lexbor import LexborHTMLParser

_PHONE = re.compile(r"\+[\d\s•]+")
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def harm_in(mimetype: str, body: bytes) -> list[str]:
    """Return what is wrong with an answer that holds the texts of :mod:`tests.access.world`."""
    if mimetype == "text/html" and body:
        tree = LexborHTMLParser(body.decode())
        nodes = tree.css("hurt, [hurt], script:not([src]), [onerror], [onload]")
        return [f"markup from a text: {node.html[:80]}" for node in nodes]
    if mimetype == "text/csv":
        cells = [cell for row in csv.reader(io.StringIO(body.decode("utf-8-sig"))) for cell in row]
        return sorted({f"formula: {cell[:40]}" for cell in cells if _is_formula(cell)})
    if "spreadsheetml" in mimetype:
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            sheets = [book.read(name).decode() for name in book.namelist() if "/sheet" in name]
        return [
            f"{tag} in the workbook"
            for tag in ("<f>", "<f ", "hyperlink")
            for s in sheets
            if tag in s
        ]
    return []


def _is_formula(cell: str) -> bool:
    return cell.lstrip(" ").startswith(_STARTS_FORMULA) and not _PHONE.fullmatch(cell)
