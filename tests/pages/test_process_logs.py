"""Process logs: what was found is shown before, what happens is shown during, what came of it after."""

from __future__ import annotations

import pytest

from soc import clock
from soc.batches import intake
from soc.domain.actor import AT_A_PAGE
from soc.ids import new_id
from soc.store.db import read_session, write_session
from soc.store.nouns.batches.batches import BatchRow, get_batch, list_batches
from tests.pages.conftest import OpenPage, grids, read
from tests.pages.night import BATCH, RUNNING, add_night
from tests.rows import add_batch

LINES = "Jan 15 10:30:00 web-1 sshd[812]: Failed password for root from 203.0.113.7 port 22 ssh2\n" * 3


def test_the_guides_two_toggles_are_locked_until_their_integration_is_configured(open_page: OpenPage) -> None:
    page = open_page("process_logs")
    assert [(toggle.label, toggle.disabled) for toggle in page.toggle] == [
        ("Enable Slack Notifications", True),
        ("Enable JIRA Incident Creation", True),
    ]
    assert "Slack is not configured." in read(page)


def test_an_empty_page_says_what_to_do_first(open_page: OpenPage) -> None:
    page = open_page("process_logs")
    assert "No batch yet." in read(page)
    assert page.button[-1].label == "Process logs"
    assert page.button[-1].disabled


def test_pasted_lines_are_previewed(open_page: OpenPage) -> None:
    page = open_page("process_logs")
    page.text_area[0].input(LINES).run()
    assert "pasted lines" in read(page)
    assert "Failed password for root" in str(grids(page)[0].rows)


def test_process_logs_makes_one_batch_and_shows_it_under_its_own_address(open_page: OpenPage) -> None:
    page = open_page("process_logs")
    page.text_area[0].input(LINES).run()
    page.button[-1].click().run()
    with read_session() as session:
        batches = list_batches(session)
    assert [batch.name for batch in batches] == ["pasted lines"]
    assert batches[0].id in page.query_params["batch"]
    assert "Waiting for its turn" in page.progress[0].text


def test_content_that_was_processed_before_is_named(open_page: OpenPage) -> None:
    upload = intake.keep_paste(LINES)
    intake.submit_batch(
        [(upload, intake.ReadOptions())],
        enable_jira=False,
        enable_slack=False,
        idempotency_key="one",
        actor=AT_A_PAGE,
    )
    page = open_page("process_logs")
    page.text_area[0].input(LINES).run()
    assert "The same content was processed before." in read(page)


def test_a_file_that_is_too_large_says_so_and_stops_nothing(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOC_MAX_UPLOAD_BYTES", "10")
    intake.get_settings.cache_clear()
    page = open_page("process_logs")
    page.text_area[0].input(LINES).run()
    assert "is larger than" in read(page)
    assert not page.exception


def test_a_finished_batch_shows_the_guides_display_and_its_accounts(open_page: OpenPage) -> None:
    add_night()
    text = read(open_page("process_logs", batch=BATCH))
    assert "✅ Processed 48210 logs successfully!" in text
    assert "📤 Sent" in text
    assert "🎫 Created 4 JIRA incidents" in text
    assert "JIRA Incidents Created:" in text
    assert "• [SOC-123](<http://127.0.0.1:8610/jira/browse/SOC-123>): [CRITICAL] Security Alert - " in text
    assert "Lines in 48,210 = 48,203 parsed + 7 rejected" in text


def test_every_file_of_a_batch_is_accounted_for(open_page: OpenPage) -> None:
    add_night()
    page = open_page("process_logs", batch=BATCH)
    files = grids(page)[1]
    for row in files.rows:
        lines_in, parsed, rejected = (
            int(row[name].replace(",", "")) for name in ("lines_in", "parsed", "rejected")
        )
        assert lines_in == parsed + rejected
    assert "It is a PNG picture" in read(page)


def test_a_running_batch_shows_rate_and_time_left(open_page: OpenPage) -> None:
    add_night()
    page = open_page("process_logs", batch=RUNNING)
    assert page.progress[0].value == 42
    assert "lines/s" in page.progress[0].text
    assert "left" in page.progress[0].text
    with write_session() as session:
        batch = get_batch(session, RUNNING)
        batch.stage, batch.lines_done = "compiling", 0
        session.add(batch)
    shown = open_page("process_logs", batch=RUNNING).progress[0].text
    assert "Compiling the signatures, once" in shown
    assert "lines" not in shown


def test_a_batch_that_failed_says_why(open_page: OpenPage) -> None:
    failed = BatchRow(
        id=new_id("bat"), name="night", state="failed", created_at=clock.now(), idempotency_key="x",
        error="The disk is full.", made_by=str(AT_A_PAGE),
    )  # fmt: skip
    with write_session() as session:
        session.add(failed)
    assert "Processing failed: The disk is full." in read(open_page("process_logs", batch=failed.id))


def test_a_batch_that_nobody_knows_is_answered_with_what_to_do(open_page: OpenPage) -> None:
    text = read(open_page("process_logs", batch="bat-nowhere"))
    assert "There is no batch bat-nowhere." in text
    assert "Open “Process logs” for the list of batches." in text


@pytest.mark.parametrize(
    ("state", "offered", "said"),
    [
        ("queued", ["Stop"], "Waiting for its turn"),
        ("retry", ["Try now", "Stop"], "The database does not answer. It is tried again by itself at"),
        ("held", ["Continue anyway", "Stop"], "Held: The database does not answer."),
        ("failed", ["Run again"], "Processing failed: The database does not answer."),
        ("stopped", ["Run again"], "nothing of it was stored"),
    ],
)
def test_a_batch_says_how_it_stands_and_offers_what_fits(
    open_page: OpenPage, state: str, offered: list[str], said: str
) -> None:
    with write_session() as session:
        add_batch(
            session, "bat-1", state=state, error="The database does not answer.", next_try_at=clock.now()
        )
    page = open_page("process_logs", batch="bat-1")
    labels = [button.label for button in page.button]
    assert [
        label for label in labels if label in ("Stop", "Try now", "Run again", "Continue anyway")
    ] == offered
    assert said in read(page) + " ".join(bar.text for bar in page.progress)


def test_a_batch_is_stopped_and_run_again_on_its_page(open_page: OpenPage) -> None:
    with write_session() as session:
        add_batch(session, "bat-1", state="queued")
    page = open_page("process_logs", batch="bat-1")
    next(button for button in page.button if button.label == "Stop").click().run()
    assert _state("bat-1") == "stopped"
    next(button for button in page.button if button.label == "Run again").click().run()
    assert _state("bat-1") == "queued"


def _state(batch_id: str) -> str:
    with read_session() as session:
        return get_batch(session, batch_id).state
