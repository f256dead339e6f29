"""Reports by mail: with whose rights, once for each period, and how they end."""

from __future__ import annotations

import datetime as dt
import os
import re
import signal
import threading
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.engine import Engine

from portal.audit.models import AuditEntry
from portal.database import utcnow
from portal.extensions import db
from portal.jobs import worker
from portal.jobs.models import Job
from portal.reports.kept import letters, operations
from portal.reports.kept.jobs import forget_sent, start_due
from portal.reports.kept.models import ReportSubscription
from portal.reports.kept.times import next_time
from portal.wall.scope import unscoped
from tests.accounts.test_mail import Server
from tests.attacks.processes import in_a_process_of_its_own
from tests.factories import building, template_role
from tests.jobs.leases import expire
from tests.reports.kept.conftest import CALLS, NASTY

REPORT = "/reports/queue-summary"
FIELDS = {"How often": "Every day", "At": "05:00", "Period": "Last 7 days"}


def subscribe(person, filter="", fields=FIELDS, **options):
    page = person.get(f"{REPORT}/subscriptions/new?{filter}")
    return page.submit("Save Ctrl ↵", fields, **options)


def rows(app, model):
    with app.app_context(), unscoped("the test looks"):
        return list(db.session.scalars(select(model).order_by(model.id)))


def links(mail):
    return re.findall(r"http://localhost(\S+)", mail.body)


def send(app, office):
    """Let a day pass, and return the mails of the next run of a worker."""
    before = len(office.mails())
    office.due()
    worker.run_waiting(app)
    return office.mails()[before:]


# --- when


WARSAW = ZoneInfo("Europe/Warsaw")


@pytest.mark.parametrize(
    ("every", "hour", "after", "then"),
    [
        ("day", 7, "2026-11-23T06:00", "2026-11-24T06:00"),  # 7:00 in Warsaw is not after itself
        ("day", 7, "2026-11-23T05:59", "2026-11-23T06:00"),
        ("day", 2, "2026-03-28T12:00", "2026-03-29T01:00"),  # 2:00 does not exist: it is 3:00
        ("day", 2, "2026-10-24T12:00", "2026-10-25T00:00"),  # 2:00 comes twice: the first
        ("day", 2, "2026-10-25T00:00", "2026-10-26T01:00"),  # and not again
        ("week", 0, "2026-11-22T22:59", "2026-11-22T23:00"),  # Monday begins there
        ("week", 0, "2026-11-22T23:00", "2026-11-29T23:00"),
        ("month", 23, "2026-11-01T22:00", "2026-12-01T22:00"),
        ("month", 23, "2027-01-01T22:00", "2027-02-01T22:00"),
    ],
)
def test_it_is_due_at_the_hour_of_the_persons_clock(every, hour, after, then):
    after, then = (dt.datetime.fromisoformat(f"{text}:00+00:00") for text in (after, then))
    assert next_time(every, hour, WARSAW, after) == then


# --- what


def test_the_mail_is_what_the_recipient_may_see_in_their_words(app, office):
    office.change("both", language="pl", timezone="Asia/Kolkata")
    person = office["both"]
    url = f"{REPORT}/subscriptions/new?by=queue&project={office.ids['ours']}&sort=-talk"
    person.get(url, status=404)  # nonsense is not mailed
    url = f"{REPORT}/subscriptions/new?by=queue&project={office.ids['ours']}"
    person.post(url, {"every": "day", "hour": "5", "period": "last_7_days"})
    (kept,) = rows(app, ReportSubscription)
    assert (kept.every, kept.hour) == ("day", 5)
    assert kept.next_at.astimezone(ZoneInfo("Asia/Kolkata")).hour == 5
    (mail,) = send(app, office)
    assert mail.recipient == office.people["both"].email
    shown = mail.body
    assert "Asia/Kolkata" in shown
    assert f"Ours {NASTY}" in shown  # the filter, in plain text as it is
    assert f"Queue ours {NASTY}"[:30] in shown
    assert "Theirs" not in shown
    assert "theirs" not in shown
    (line,) = [line for line in shown.splitlines() if line.startswith("Queue ours")]
    assert line.split("  ")[-1].strip() == "0:05"
    assert f"  {CALLS['ours']}  " in line
    live, ends = links(mail)
    assert person.get(live).status == 200
    assert urlsplit(live).path == REPORT
    assert mail.unsubscribe == f"http://localhost{ends}"
    told = [one for one in rows(app, AuditEntry) if one.action == "mailed"]
    assert [(one.actor_name, one.detail["rows"]) for one in told] == [("Owen O'Neil", 1)]


def test_only_the_first_groups_are_in_the_mail(app, office, monkeypatch):
    monkeypatch.setattr(letters, "MOST_GROUPS", 1)
    subscribe(office["both"], "by=queue")
    (mail,) = send(app, office)
    found = [line.split()[1] for line in mail.body.splitlines() if line.startswith("Queue ")]
    assert found == ["summary", "Offered", "ours"]
    assert "1 more row is in the report." in mail.body
    (total,) = [line for line in mail.body.splitlines() if line.startswith("Total")]
    assert f"  {sum(CALLS.values())}  " in total


# --- with whose rights


def test_a_locked_person_is_sent_nothing_and_again_when_unlocked(app, office):
    subscribe(office["ours"])
    office.change("ours", locked_at=utcnow())
    assert send(app, office) == []
    assert rows(app, Job) == []
    office.change("ours", locked_at=None)
    (mail,) = send(app, office)
    assert mail.recipient == office.people["ours"].email


def test_a_person_locked_after_it_was_due_is_sent_nothing(app, office):
    subscribe(office["ours"])
    office.due()
    with app.app_context():
        start_due()
    office.change("ours", locked_at=utcnow())
    worker.run_waiting(app)
    assert office.mails() == []
    assert [job.state for job in rows(app, Job)] == ["failed"]


@pytest.mark.parametrize("lost", ["permission", "projects"])
def test_who_may_not_open_it_any_more_is_told_so_once(app, office, lost):
    subscribe(office["ours"], "by=queue")
    if lost == "permission":
        with building(app, of=office.people["admin"]):
            operator = template_role("operator").id
        office.change("ours", role_id=operator)
    else:
        office.leave("ours", "ours")
    (mail,) = send(app, office)
    assert mail.subject == "Queue summary is no longer mailed"
    assert "you may not open it any more" in mail.body
    assert (NASTY in mail.body, mail.unsubscribe) == (False, None)
    assert rows(app, ReportSubscription) == []
    assert send(app, office) == []


def test_a_filter_of_what_is_not_seen_any_more_is_said_and_nothing_of_it_sent(app, office):
    both = f"project={office.ids['ours']}&project={office.ids['theirs']}"
    subscribe(office["both"], f"by=queue&{both}")
    subscribe(office["both"], f"by=queue&queue={office.ids['queue theirs']}")
    office.leave("both", "theirs")
    part, none = sorted(send(app, office), key=lambda mail: mail.subject)
    if "no longer" in part.subject:
        part, none = none, part
    assert "Part of a filter no longer applies and was left out: Project." in part.body
    assert "what its filter names (Queue)" in none.body
    for mail in (part, none):
        assert "theirs" not in mail.body.lower()
    assert f"  {CALLS['ours']}  " in part.body
    assert str(CALLS["ours"]) not in none.body
    assert len(rows(app, ReportSubscription)) == 1


def test_it_is_ones_own(app, office):
    subscribe(office["both"])
    (one,) = rows(app, ReportSubscription)
    for name in ("ours", "admin", "stranger"):
        office[name].get(f"/reports/subscriptions/{one.id}", status=404)
        fields = {"every": "week", "hour": "1", "period": "today"}
        office[name].post(f"/reports/subscriptions/{one.id}", fields, status=404)
        office[name].post(f"/reports/subscriptions/{one.id}/end", status=404)
    page = office["both"].get("/reports")
    (link,) = [a.attributes["href"] for a in page.all('a[id^="mailed-"]')]
    page = (
        office["both"]
        .get(link)
        .submit("Save Ctrl ↵", {"How often": "On the first of each month", "At": "23:00"})
    )
    assert "On the first of each month, next 1 " in page.text
    assert [(row.every, row.hour) for row in rows(app, ReportSubscription)] == [("month", 23)]
    office["both"].get(link).submit("End this mail")
    assert rows(app, ReportSubscription) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [("every", "hour"), ("hour", "24"), ("hour", "x"), ("period", "custom"), ("period", "İ")],
)
def test_nonsense_is_refused(app, office, field, value):
    fields = {"every": "day", "hour": "5", "period": "today", field: value}
    office["ours"].post(f"{REPORT}/subscriptions/new", fields, status=422)
    assert rows(app, ReportSubscription) == []


def test_there_is_a_most(app, office, monkeypatch):
    monkeypatch.setattr(operations, "MOST_SUBSCRIPTIONS", 1)
    subscribe(office["ours"])
    assert "At most 1" in subscribe(office["ours"], status=422).text


# --- unsubscribing


def test_the_link_ends_it_without_a_sign_in(app, office, visitor):
    subscribe(office["ours"])
    (mail,) = send(app, office)
    link = links(mail)[1]
    somebody = visitor()
    page = somebody.get(link)
    assert (page.heading, len(rows(app, ReportSubscription))) == ("End this mail", 1)
    assert "Ours" not in page.text
    page = page.submit("Send it no more")
    assert (page.heading, rows(app, ReportSubscription)) == ("It is mailed no more.", [])
    ended = somebody.get(link, status=404)
    never = somebody.get(f"{link[:-1]}{'A' if link[-1] != 'A' else 'B'}", status=404)
    for url in ("/reports/unsubscribe/x", "/reports/unsubscribe/" + "y" * 3000):
        assert somebody.get(url, status=404).text == ended.text
    assert never.text == ended.text
    somebody.post(link, status=404)
    assert send(app, office) == []


def test_the_mail_names_the_link_to_mail_programs(app, office, monkeypatch):
    monkeypatch.setattr("smtplib.SMTP", Server)
    monkeypatch.setattr(Server, "sent", [])
    app.config["MAIL_SERVER"] = "mail.example.org"
    subscribe(office["ours"])
    office.due()
    worker.run_waiting(app)
    (message,) = Server.sent
    link = re.search(r"http://localhost/reports/unsubscribe/\S+", message.get_content())[0]
    assert message["List-Unsubscribe"] == f"<{link}>"


# --- once


def test_two_workers_at_once_send_it_once(app, office):
    for name in ("ours", "both", "admin"):
        subscribe(office[name])
    office.due()
    threads = [threading.Thread(target=worker.run_waiting, args=(app,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    worker.run_waiting(app)
    got = sorted(mail.recipient for mail in office.mails())
    assert got == sorted(office.people[name].email for name in ("ours", "both", "admin"))


def test_a_worker_that_is_killed_anywhere_sends_it_once(app, office, monkeypatch):
    monkeypatch.setattr("portal.jobs.claims.MOST_ATTEMPTS", 1000)
    subscribe(office["both"])
    office.due()
    kills = 0
    while killed(app, statements=1 + 2 * kills):
        kills += 1
        assert len(office.mails()) <= 1
    assert kills >= 10
    worker.run_waiting(app)
    assert len(office.mails()) == 1
    assert [job.state for job in rows(app, Job)] == ["done"]


def killed(app, statements):
    """Let a worker die before one of its statements; tell whether it got that far."""
    left = statements

    def strike(*arguments):
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def work():
        event.listen(Engine, "before_cursor_execute", strike)
        event.listen(Engine, "commit", strike)
        worker.run_waiting(app)

    status = in_a_process_of_its_own(app, work)
    assert status in (0, -signal.SIGKILL)
    expire(app)
    return status != 0


def test_what_was_missed_is_sent_once_and_the_jobs_of_mails_are_forgotten(app, office):
    subscribe(office["ours"])
    with app.app_context(), unscoped("the test lets time pass"):
        month_ago = utcnow() - dt.timedelta(days=30)
        db.session.execute(update(ReportSubscription).values(next_at=month_ago))
        db.session.commit()
    worker.run_waiting(app)
    worker.run_waiting(app)
    assert len(office.mails()) == 1
    (one,) = rows(app, ReportSubscription)
    assert utcnow() < one.next_at < utcnow() + dt.timedelta(days=1)
    assert "Queue summary" not in office["ours"].get("/jobs").text
    with app.app_context(), unscoped("the test lets time pass"):
        db.session.execute(update(Job).values(finished_at=utcnow() - dt.timedelta(days=8)))
        db.session.commit()
    with app.app_context():
        forget_sent()
    assert rows(app, Job) == []
