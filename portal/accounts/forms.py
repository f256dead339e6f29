"""Forms of signing in and of one's own profile."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, PasswordField, SelectField, ValidationError

from portal import languages
from portal.accounts.passwords import LONGEST, SHORTEST
from portal.forms import Form, at_most, line, required


def _password(label: Any, *, autocomplete: str, **options: Any) -> PasswordField:
    return PasswordField(
        label,
        validators=[required(), at_most(LONGEST)],
        render_kw={"autocomplete": autocomplete},
        **options,
    )


def _twice(form: Form, field: Field) -> None:
    if field.data and field.data != form["password"].data:
        raise ValidationError(_("This is not the same password."))


class SignInForm(Form):
    email = line(_l("E-mail"), limit=254, needed=True, render_kw={"autocomplete": "username"})
    password = _password(_l("Password"), autocomplete="current-password")


class CodeForm(Form):
    code = line(_l("Code"), limit=40, needed=True, render_kw={"autocomplete": "one-time-code"})


class ForgotForm(Form):
    email = line(_l("E-mail"), limit=254, needed=True, render_kw={"autocomplete": "username"})


def _new_password() -> PasswordField:
    hint = _l("At least %(count)s characters.", count=SHORTEST)
    return _password(_l("New password"), autocomplete="new-password", description=hint)


def _again() -> PasswordField:
    return PasswordField(
        _l("New password again"),
        validators=[required(), _twice],
        render_kw={"autocomplete": "new-password"},
    )


class ChoosePasswordForm(Form):
    password = _new_password()
    again = _again()


class ChangePasswordForm(Form):
    current = _password(_l("Current password"), autocomplete="current-password")
    password = _new_password()
    again = _again()


class ProfileForm(Form):
    name = line(_l("Name"), needed=True, render_kw={"autocomplete": "name"})
    language = SelectField(_l("Language"))
    timezone = SelectField(_l("Time zone"))

    def __init__(self, *, company: Any, **options: Any) -> None:
        super().__init__(**options)
        self.language.choices = languages.language_choices(company)
        self.timezone.choices = languages.zone_choices(company)


class SetUpForm(CodeForm):
    """Confirms a new authenticator; ``sealed`` holds its secret, readable by the portal only."""

    sealed = HiddenField()


class ConfirmPasswordForm(Form):
    password = _password(_l("Password"), autocomplete="current-password")
