"""All kinds of objects: each module in ``portal.objects.kinds`` is one, found by itself."""

from __future__ import annotations

import importlib
import pkgutil

from portal.objects import kinds
from portal.objects.kind import Kind


def _find() -> dict[str, Kind]:
    modules = pkgutil.iter_modules(kinds.__path__, f"{kinds.__name__}.")
    found = [importlib.import_module(module.name).KIND for module in modules]
    return {kind.slug: kind for kind in sorted(found, key=lambda kind: kind.order)}


KINDS: dict[str, Kind] = _find()


def kind_named(name: str) -> Kind:
    """Return the kind whose objects call themselves ``name``, e.g. 'queue'."""
    return next(kind for kind in KINDS.values() if kind.name == name)
