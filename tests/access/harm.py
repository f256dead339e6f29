"""What could be wrong with an answer: markup or a formula of a hostile text, lax headers."""

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


def laxness_of(headers: list[tuple[str, str]]) -> list[str]:
    """Return what an answer's headers forget to forbid: to keep, to frame or to guess it."""
    said = dict(headers)
    wanted = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": "default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
    return [
        f"no {part} in {name}" for name, part in wanted.items() if part not in said.get(name, "")
    ]


def _is_formula(cell: str) -> bool:
    return cell.lstrip(" ").startswith(_STARTS_FORMULA) and not _PHONE.fullmatch(cell)
