"""The message catalogues: extract the source's messages, compare, bring up to date."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po
from jinja2 import TemplateSyntaxError

ROOT = Path(__file__).resolve().parent.parent
CATALOGUES = ROOT / "portal" / "translations"
LANGUAGES = ("pl", "tr")
# English text and plural, then the words that mark a string for translation.
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
}


def path_of(language: str) -> Path:
    return CATALOGUES / language / "LC_MESSAGES" / "messages.po"


def source_messages() -> Catalog:
    """Return a catalogue of every message that Python and templates mark for translation."""
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    template = Catalog(charset="utf-8", project="Bulkhead", fuzzy=False)
    reading = ""

    def note(name: str, method: str, options: dict[str, str]) -> None:
        nonlocal reading
        reading = name

    try:
        # Line numbers are left out: catalogues would change with every edit of the source.
        for name, _line, message, comments, context in extract_from_dir(
            ROOT, methods, options, keywords=KEYWORDS, callback=note
        ):
            template.add(message, None, [(name, None)], auto_comments=comments, context=context)
    except TemplateSyntaxError as error:
        raise ValueError(f"{reading}:{error.lineno}: {error.message}") from None
    return template


def read_catalogue(language: str) -> Catalog:
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def problems(language: str, template: Catalog) -> Iterator[str]:
    """Yield a line for each message that is missing, empty, fuzzy, broken or no longer used."""
    catalogue = read_catalogue(language)
    for message in template:
        if not message.id:
            continue
        own = catalogue.get(message.id, message.context)
        if own is None:
            yield f"{language}: missing: {message.id!r}"
            continue
        texts = own.string if isinstance(own.string, tuple | list) else (own.string,)
        if not all(texts) or (own.pluralizable and len(texts) != catalogue.num_plurals):
            yield f"{language}: not translated: {message.id!r}"
        elif own.fuzzy:
            yield f"{language}: fuzzy: {message.id!r}"
        else:
            yield from (f"{language}: {error}: {message.id!r}" for error in own.check(catalogue))
    for message in catalogue:
        if message.id and template.get(message.id, message.context) is None:
            yield f"{language}: not used: {message.id!r}"


def update(language: str, template: Catalog) -> None:
    """Add what is new and drop what is gone; nothing is guessed from similar messages."""
    catalogue = read_catalogue(language)
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.fuzzy = False
    path_of(language).parent.mkdir(parents=True, exist_ok=True)
    with path_of(language).open("wb") as file:
        write_po(file, catalogue, sort_output=True, width=100, include_lineno=False)
