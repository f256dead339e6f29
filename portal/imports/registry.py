"""All targets of imports: each module in ``portal.imports.targets`` is one, found by itself."""

from __future__ import annotations

import importlib
import pkgutil

from portal.imports import targets
from portal.imports.target import Target


def _find() -> dict[str, Target]:
    modules = pkgutil.iter_modules(targets.__path__, f"{targets.__name__}.")
    found = [importlib.import_module(module.name).TARGET for module in modules]
    return {one.name: one for one in sorted(found, key=lambda one: one.order)}


TARGETS: dict[str, Target] = _find()
