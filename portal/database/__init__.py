"""Tables, keys and references: what every model of the portal is made of.

Every table of a company has the primary key ``(company_id, id)`` and every reference between such
tables carries ``company_id``, so that the database itself refuses a row of another company.
References with ``same_project`` carry ``project_id`` too and refuse another project's row.
The mixins below say how a row is walled; :mod:`portal.wall` reads them.
"""

from __future__ import annotations

from portal.database.references import (
    Base,
    Ref,
    model_of,
)
from portal.database.rows import (
    CompanyRoot,
    CompanyRow,
    CompanyScoped,
    MaybeOwned,
    PeopleRow,
    PersonOwned,
    ProjectLink,
    ProjectOwned,
    ProjectRoot,
    ProjectRow,
    ProjectShared,
    SharedPart,
)
from portal.database.values import (
    BigInt,
    UtcDateTime,
    having_words,
    insert_for,
    name_key,
    new_id,
    search_key,
    utcnow,
)

__all__ = [
    "Base",
    "BigInt",
    "CompanyRoot",
    "CompanyRow",
    "CompanyScoped",
    "MaybeOwned",
    "PeopleRow",
    "PersonOwned",
    "ProjectLink",
    "ProjectOwned",
    "ProjectRoot",
    "ProjectRow",
    "ProjectShared",
    "Ref",
    "SharedPart",
    "UtcDateTime",
    "having_words",
    "insert_for",
    "model_of",
    "name_key",
    "new_id",
    "search_key",
    "utcnow",
]
