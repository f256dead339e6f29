"""SIP providers are the carriers that calls pass through."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, LargeBinary, String, Text, delete, select
from sqlalchemy.orm import Mapped, mapped_column
from wtforms import BooleanField, ValidationError

from portal.company.models import Company
from portal.database import ProjectShared, Ref, SharedPart
from portal.extensions import db
from portal.forms import choice, line, number
from portal.objects.fields import LinesField, ReadField, SecretField, entries
from portal.objects.kind import Kind
from portal.objects.kinds.sip_provider import rules
from portal.objects.models import ObjectKind
from portal.objects.settings import Settings

TRANSPORTS = {"udp": "UDP", "tcp": "TCP", "tls": "TLS"}
CONNECTIONS = {"ip": _l("By address"), "registration": _l("By registration")}
MILLION = 1_000_000
CURRENCIES = {"EUR": "EUR", "PLN": "PLN", "TRY": "TRY", "USD": "USD", "GBP": "GBP"}


class SipProvider(ObjectKind, ProjectShared, db.Model):
    """``secret`` is sealed; what has lines is kept as it is written, see :mod:`.rules`."""

    __tablename__ = "sip_providers"
    kind = "sip_provider"

    host: Mapped[str] = mapped_column(String(255), default="")
    port: Mapped[int] = mapped_column(default=5060)
    transport: Mapped[str] = mapped_column(String(8), default="udp")
    connection: Mapped[str] = mapped_column(String(16), default="ip")
    login: Mapped[str] = mapped_column(String(100), default="")
    secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    from_domain: Mapped[str] = mapped_column(String(255), default="")
    codecs: Mapped[str] = mapped_column(Text, default="")
    channels: Mapped[int] = mapped_column(default=0)
    numbers: Mapped[str] = mapped_column(Text, default="")
    rewrites: Mapped[str] = mapped_column(Text, default="")
    currency: Mapped[str] = mapped_column(String(3), default="EUR")
    prices: Mapped[str] = mapped_column(Text, default="")


class ProviderRate(SharedPart, db.Model):
    """One price of a provider, seen where the provider is seen. Amounts in millionths."""

    __tablename__ = "provider_rates"
    __audit__ = False  # the prices of the provider tell it
    __table_args__ = (Index(None, "company_id", "provider_id", "prefix"),)
    parts: ClassVar[tuple[str, ...]] = ("provider",)

    provider = Ref(SipProvider, ondelete="CASCADE")
    prefix: Mapped[str] = mapped_column(String(15))
    minute: Mapped[int]  # what a minute costs
    setup: Mapped[int]  # what an answered call costs beside
    step_s: Mapped[int]  # each begun stretch of so many seconds counts in full
    starts_at: Mapped[dt.datetime]


_PRICE = ("prefix", "minute", "setup", "step_s", "starts_at")


def rated(price: rules.Price) -> dict[str, Any]:
    """Return the columns of a price, in the order of ``_PRICE``."""
    first = price.since or dt.date(1970, 1, 1)
    return {
        "prefix": price.prefix,
        "minute": int(price.price * MILLION),
        "setup": int(price.setup * MILLION),
        "step_s": price.step_s,
        "starts_at": dt.datetime.combine(first, dt.time(), dt.UTC),
    }


class SipProviderSettings(Settings):
    sections = {
        _l("Connection"): (
            "host",
            "port",
            "transport",
            "connection",
            "login",
            "secret",
            "forget_secret",
            "from_domain",
        ),
        _l("Calls"): ("codecs", "channels", "numbers"),
        _l("Rewriting of numbers"): ("rewrites", "currency", "prices", "tried"),
    }
    beside = ("forget_secret", "tried")
    preview_page = "objects/previews/sip_provider.html"

    host = ReadField(_l("Host"), rules.read_host, limit=255)
    port = number(_l("Port"), least=1, most=65535, default=5060)
    transport = choice(_l("Transport"), TRANSPORTS)
    connection = choice(_l("Sign-in"), CONNECTIONS)
    login = line(_l("SIP login"))
    secret = SecretField(
        _l("Secret"), description=_l("It is never shown again. Empty: it stays as it is.")
    )
    forget_secret = BooleanField(_l("Forget the stored secret"))
    from_domain = ReadField(_l("From-domain"), rules.read_host, limit=255)
    codecs = LinesField(
        _l("Codecs"), rules.read_codec, description=_l("One a line, the preferred first.")
    )
    channels = number(
        _l("Calls at once"), least=0, most=100_000, default=0, description=_l("0: no limit.")
    )
    numbers = LinesField(
        _l("Own numbers"), rules.read_number, description=_l("One a line, like +48221234567.")
    )
    rewrites = LinesField(
        _l("Rules"),
        rules.read_rewrite,
        description=_l(
            "One a line, like 00* -> +*. The first that fits is taken. X is one digit,"
            " * at the end is the rest."
        ),
    )
    currency = choice(_l("Currency"), CURRENCIES)
    prices = LinesField(
        _l("Price per minute by prefix"),
        rules.read_price,
        description=_l(
            "One a line, like +48 0.05. The longest prefix that fits is taken. Begun minutes count"
            " in full. More can be said in this order: +48 0.05 per second setup 0.02 from"
            " 2026-12-31."
        ),
    )
    tried = line(_l("Try a number"), limit=40)

    def validate_login(self, field: Any) -> None:
        if self.connection.data == "registration" and not field.data:
            raise ValidationError(_("A registration needs a login."))

    def validate_forget_secret(self, field: Any) -> None:
        if field.data and self.secret.data:
            raise ValidationError(_("Either type a new secret or let it be forgotten."))

    def settings(self) -> dict[str, Any]:
        return super().settings() | ({"secret": None} if self.forget_secret.data else {})

    @classmethod
    def keep_parts(cls, item: SipProvider) -> None:
        """Keep the prices as rows too, by which calls find theirs; note that they have changed."""
        prices = [rated(price) for price in entries(item.prices, rules.read_price)]
        own = ProviderRate.provider_id == item.id
        kept = select(*(getattr(ProviderRate, name) for name in _PRICE)).where(own)
        if {*map(tuple, db.session.execute(kept))} == {tuple(one.values()) for one in prices}:
            return
        db.session.execute(delete(ProviderRate).where(own))
        key = {"company_id": item.company_id, "provider_id": item.id}
        db.session.add_all(ProviderRate(**key, **price) for price in prices)
        company = db.session.get_one(Company, item.company_id)
        company.prices_version = Company.prices_version + 1
        db.session.flush()

    def preview(self) -> dict[str, Any]:
        """Return what becomes of the number that is tried."""
        typed = re.sub(r"[\s()./-]", "", self.tried.data or "")
        if not typed:
            return {"typed": ""}
        result, place = rules.rewritten(
            typed, entries(self.rewrites.data or "", rules.read_rewrite)
        )
        price = rules.price_of(result, entries(self.prices.data or "", rules.read_price))
        found = {"typed": typed, "result": result, "rule": place, "price": price}
        return found | {"currency": self.currency.data}


KIND = Kind(
    slug="sip-providers",
    model=SipProvider,
    order=30,
    icon="link",
    label=_l("SIP provider"),
    plural=_l("SIP providers"),
    add=_l("New SIP provider"),
    purpose=_l("SIP providers are the carriers that calls pass through."),
    settings=SipProviderSettings,
)
