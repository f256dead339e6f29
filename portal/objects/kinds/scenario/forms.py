"""What is set in a step: a form for each kind of step."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import ValidationError

from portal.forms import Form, SeveralField, choice, is_email, line, lines, number
from portal.objects.fields import FaultError, ReadField
from portal.objects.kinds.scenario.content import DIGITS, REFERENCES, Step, Way
from portal.objects.kinds.scenario.words import RECIPIENTS
from portal.objects.kinds.sip_provider.rules import read_number
from portal.objects.settings import PersonPicker, Picker


class StepForm(Form):
    """Base of the forms of steps: each field is named like the setting that it fills."""

    names: ClassVar[tuple[str, ...]] = ()

    def offer(self, project_id: uuid.UUID) -> None:
        for field in self:
            if isinstance(field, Picker):
                field.offer({project_id}, None)

    def write(self, step: Step) -> None:
        """Put what was typed into the step."""
        kept = dict(step.set)
        step.set = {}
        for name in self.names:
            value = self[name].data
            if getattr(self[name], "hides", False):  # who is chosen is not seen by who edits
                value = kept.get(name)
            if value not in (None, ""):
                step.set[name] = str(value) if isinstance(value, uuid.UUID) else value


class SayForm(StepForm):
    names: ClassVar[tuple[str, ...]] = ("text", "sound")
    text = lines(_l("Text"), description=_l("It is read out to the caller."))
    sound = line(_l("Recording"), description=_l("The name of a recording, instead of a text."))


class MenuForm(SayForm):
    names = ("text", "sound", "wait_s", "repeats")
    digits = SeveralField(_l("Keys"), choices=lambda: [(one, one) for one in DIGITS])
    wait_s = number(_l("Wait for a key (s)"), least=1, most=60, default=5)
    repeats = number(
        _l("Repeat"),
        least=0,
        most=9,
        default=2,
        description=_l("How often it is said again; then the call goes on behind the menu."),
    )

    used: tuple[str, ...] = ()

    def validate_digits(self, field: Any) -> None:
        lost = [one for one in self.used if one not in (field.data or ())]
        if lost:
            keys = ", ".join(lost)
            raise ValidationError(
                _("Keys that have steps: %(keys)s. Remove them first.", keys=keys)
            )

    def write(self, step: Step) -> None:
        super().write(step)
        ways = {way.on: way for way in step.ways}
        chosen = [one for one in DIGITS if one in (self.digits.data or ())]
        step.ways = [ways.get(one) or Way(one) for one in chosen]


class ListForm(StepForm):
    names = ("list_id",)
    list_id = Picker(_l("List"), "number_lists")


class ScheduleForm(StepForm):
    names = ("schedule_id",)
    schedule_id = Picker(_l("Schedule"), "schedules")


class NotifyForm(StepForm):
    names = ("template_id", "to", "address")
    template_id = Picker(_l("Template"), "notification_templates")
    to = choice(_l("Recipient"), RECIPIENTS)
    address = line(_l("Address"), limit=254, description=_l("An e-mail address or a number."))

    def validate_address(self, field: Any) -> None:
        if self.to.data == "address" and not field.data:
            raise ValidationError(_("This is needed."))
        if not field.data or is_email(field.data):
            return
        try:
            field.data = read_number(field.data)
        except FaultError as error:
            raise ValidationError(_("This is neither an e-mail address nor a number.")) from error


class QueueForm(StepForm):
    names = ("queue_id",)
    queue_id = Picker(_l("Queue"), "queues")


class OperatorForm(StepForm):
    names = ("user_id",)
    user_id = PersonPicker(_l("Operator"), "users")


class NumberForm(StepForm):
    names = ("number",)
    number = ReadField(_l("Number"), read_number, limit=40)


class VoicemailForm(SayForm):
    text = lines(_l("Text"), description=_l("It is read out before the recording."))


class HangUpForm(StepForm):
    pass


_FORMS: dict[str, type[StepForm]] = {
    "say": SayForm,
    "menu": MenuForm,
    "list": ListForm,
    "schedule": ScheduleForm,
    "notify": NotifyForm,
    "queue": QueueForm,
    "operator": OperatorForm,
    "number": NumberForm,
    "voicemail": VoicemailForm,
    "hang_up": HangUpForm,
}


def form_of(step: Step, project_id: uuid.UUID, *, typed: bool) -> StepForm:
    """Return the form of a step, with what was ``typed`` or with what is set."""
    data: dict[str, Any] = {
        name: uuid.UUID(value) if name in REFERENCES else value for name, value in step.set.items()
    }
    data["digits"] = [way.on for way in step.ways]
    form = _FORMS[step.do](**({} if typed else {"formdata": None}), data=data)
    form.offer(project_id)
    if isinstance(form, MenuForm):
        form.used = tuple(way.on for way in step.ways if way.steps)
    return form
