"""What the ticket's row shows of its vendor, whichever side it came from."""

from __future__ import annotations

from soc.sandbox.jira import catalogue
from soc.sandbox.jira.life.acts import attach, change_by_hand
from soc.store.db import write_session
from soc.tickets.acts import Asked, assign
from tests.rows import add_person
from tests.tickets.both_sides import ANA, BothSides


def test_whoever_was_given_a_ticket_here_is_its_assignee_by_the_vendor_s_name_for_them(
    cloud: BothSides,
) -> None:
    with write_session() as session:
        add_person(session, "per-kim", jira_account=catalogue.BOT.account_id)
    cloud.sync()
    with write_session() as session:
        assign(session, "inc-1", "per-kim", Asked(ANA, "k"))
    cloud.minute(2)
    shown = cloud.ticket()
    assert (shown.assignee, shown.assignee_id) == (catalogue.BOT.display_name, catalogue.BOT.account_id)


def test_a_file_that_is_attached_there_is_named_here_for_as_long_as_it_is_there(both: BothSides) -> None:
    for name in ("a.pdf", "b.png"):
        assert attach(both.jira, "SOC-1", name)
    both.minute()
    assert both.ticket().not_synced == "attachment a.pdf, attachment b.png"
    change_by_hand(both.jira, "SOC-1", lambda issue: issue.attachments.clear())
    both.minute()
    assert both.ticket().not_synced == ""
