"""One delivery with its attempts, and what would happen if some were tried again."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from soc.access.scopes import Scope
from soc.delivery.export import about, done_by
from soc.delivery.replay import WouldSend, preview_replay_all, replay, replay_all
from soc.delivery.sealing import without_seals
from soc.domain.delivery import FINAL_STATES, DeliveryState
from soc.integrations.registry import KINDS
from soc.store.db import read_session
from soc.store.nouns.deliveries.attempts import AttemptRow, list_attempts
from soc.store.nouns.deliveries.deliveries import DeliveryRow, get_delivery
from soc.store.unchanged import while_unchanged
from soc.ui.kit import outcome, places, quoted, tables, times
from soc.ui.kit.buttons import act_button
from soc.ui.kit.severity import delivery_badge, practice_badge
from soc.ui.kit.words import count_of, plural
from soc.ui.sitting import actor_here

#: What each state means for the person who looks at it.
MEANING = {
    "pending": "It has not been sent yet.",
    "sending": "It is on its way now.",
    "delivered": "The vendor has it.",
    "retry": "The vendor did nothing with the last try. It is sent again by itself.",
    "unknown": "The answer was lost: the vendor may have it. It is looked up there before anything is sent again.",
    "dead": "It was given up. Mend the cause, then try it again.",
    "suppressed": "It was not sent on purpose.",
    "joined": "It belongs to what was told before: there is no second ticket or alert for it.",
    "awaiting": "Its batch found more than may be told at once. It is sent when its incident is released.",
    "cancelled": "Somebody cancelled it.",
}
REPLAYABLE = tuple(
    state.value
    for state in (DeliveryState.DEAD, DeliveryState.SUPPRESSED, DeliveryState.JOINED, DeliveryState.CANCELLED)
)


def title_of(kind: str) -> str:
    return KINDS[kind].title if kind in KINDS else kind.capitalize()


def what(delivery: DeliveryRow) -> str:
    """`Jira: open ticket`."""
    return f"{title_of(delivery.integration)}: {done_by(delivery)}"


def is_held(delivery: DeliveryRow) -> bool:
    return (
        delivery.next_try_at is None
        and delivery.state != DeliveryState.SENDING
        and delivery.state not in FINAL_STATES
    )


@while_unchanged
def _story(delivery_id: str) -> tuple[DeliveryRow, Sequence[AttemptRow]]:
    with read_session() as session:
        return get_delivery(session, delivery_id), list_attempts(session, delivery_id)


_preview = while_unchanged(preview_replay_all)


def draw_delivery(delivery_id: str) -> None:
    """State, what to do, every attempt, the message itself. Raises NotFound."""
    row, attempts = _story(delivery_id)
    places.name_tab(f"Delivery {what(row)}, {about(row) or row.id}")
    with st.container(horizontal=True, vertical_alignment="center"):
        delivery_badge(row.state)
        st.subheader(what(row), anchor=False, width="content")
        if row.practice:
            practice_badge()
        st.caption(row.id, width="content")
    if about(row):
        st.markdown(quoted.markdown(about(row)))
    with st.container(horizontal=True):
        if row.incident_id:
            places.link("incidents", "Its incident", incident=row.incident_id)
        if row.batch_id:
            places.link("process_logs", "Its batch", batch=row.batch_id)
        url = str(row.receipt.get("url", ""))
        if url.startswith(("https://", "http://")):
            st.link_button(
                f"Open in {title_of(row.integration)}", quoted.link_target(url), icon=":material/open_in_new:"
            )
    _draw_state(row)
    if note := str(row.receipt.get("extra", {}).get("note", "")):
        st.warning(quoted.markdown(note), icon=":material/content_copy:")
    if row.state in REPLAYABLE:
        draw_replay([row])
    if row.state == DeliveryState.DEAD:
        draw_replay_all(row.integration, least=2)
    _draw_attempts(attempts)
    with st.expander("The message, as every try says it"):
        st.json(without_seals(row.payload), expanded=1)
    if row.receipt:
        with st.expander("The vendor's receipt"):
            st.json(row.receipt)


def _draw_state(row: DeliveryRow) -> None:
    words = MEANING.get(row.state, "")
    if is_held(row):
        words = "It waits until its integration works again, then it goes on by itself."
    elif row.next_try_at is not None and row.state not in FINAL_STATES:
        words += f" Next: {times.shown(row.next_try_at)} ({times.ago(row.next_try_at)})."
    if row.state == DeliveryState.DELIVERED:
        st.success(words, icon=":material/check:")
    elif row.error or row.hint:
        draw = st.error if row.state == DeliveryState.DEAD else st.warning
        status = f" (HTTP {row.http_status})" if row.http_status else ""
        draw(
            "  \n".join(quoted.markdown(part) for part in (row.hint, words) if part),
            title=quoted.markdown((row.error or row.reason) + status),
            icon=":material/error:",
        )
        if row.state == DeliveryState.DEAD or is_held(row):
            places.link("integrations", "Open its integration", kind=title_of(row.integration))
    else:
        st.info(quoted.markdown(f"{words} {row.reason}".strip()), icon=":material/info:")
    st.caption(
        f"Created {times.shown(row.created_at)} · last changed {times.shown(row.updated_at)} · "
        f"{row.sends:,} sent · {row.failures:,} failed · {row.reconciled:,} looked up"
    )


def draw_replay_all(integration: str, *, least: int = 1) -> None:
    """What trying all that was given up of an integration would send, then one button that does it, once the cause was mended.

    Nothing where fewer than `least` were.
    """
    would = _preview(integration)
    if would.dead < least:
        return
    number = len(would.rows)
    with st.container(border=True, gap="small"):
        st.markdown(
            f"**Given up: {count_of(would.dead, 'delivery')}.** After the cause was mended, all of them can be tried again."
        )
        st.markdown("  \n".join(quoted.markdown(words) for words in would.words()))
        with st.expander(f"What would be sent: {count_of(number, 'message')}"):
            _draw_would_send(would)
        act_button(
            f"Try all {number:,} of {title_of(integration)} again" if number > 1 else "Try it again",
            lambda _key: replay_all(integration, actor=actor_here(Scope.ACT)),
            needed=Scope.ACT,
            name=f"replay-all-{integration}",
            busy="Releasing …",
            done=lambda released: _said(released, number),
            icon=":material/replay:",
        )


def _draw_would_send(would: WouldSend) -> None:
    tables.show_rows(
        lambda: [
            {
                "id": row.id,
                "action": done_by(row),
                "about": quoted.cell(about(row)),
                "created_at": row.created_at,
                "error": quoted.cell(row.error or row.reason),
                "first": "looked up" if row.id in would.looked_up else "",
            }
            for row in would.rows
        ],
        {
            "action": tables.text_column("What", 110),
            "about": tables.text_column("About", 220),
            "created_at": tables.moment_column("Planned"),
            "error": tables.whole_column("Given up because", 240),
            "first": tables.text_column("First", 80, help="It may have arrived: the vendor is asked first."),
        },
        alt="What would be sent, the oldest first",
        of=would,
        most=10,
    )


def _draw_attempts(attempts: Sequence[AttemptRow]) -> None:
    st.subheader("Attempts", anchor=False)
    if not attempts:
        st.caption("Nobody has tried it yet.")
        return
    tables.show_rows(
        lambda: [
            {
                "number": one.number,
                "kind": one.kind,
                "started": one.started_at,
                "seconds": (one.finished_at - one.started_at).total_seconds() if one.finished_at else None,
                "outcome": one.outcome or "no outcome recorded",
                "status": one.http_status,
                "reason": one.reason,
                "error": quoted.cell(one.error),
                "hint": quoted.cell(one.hint),
            }
            for one in attempts
        ],
        {
            "number": tables.count_column("Try"),
            "kind": tables.text_column(
                "Kind", 84, help="A send, or a look-up at the vendor after a lost answer."
            ),
            "started": tables.moment_column("Begun"),
            "seconds": tables.count_column("Seconds", form="{:.2f}"),
            "outcome": tables.text_column("Outcome", 110),
            "status": tables.count_column("HTTP", form="{}"),
            "reason": tables.text_column("Reason", 90),
            "error": tables.whole_column("Error", 240),
            "hint": tables.whole_column("What to do", 220),
        },
        alt="Every attempt of this delivery, oldest first",
        of=attempts,
        most=12,
    )


def draw_replay(rows: Sequence[DeliveryRow], *, then: Callable[[], None] | None = None) -> None:
    """Say what trying these again will do, then the button that does it; `then` follows when it was done."""
    able = [row for row in rows if row.state in REPLAYABLE]
    with st.container(border=True, gap="small"):
        st.markdown(f"**Try again: {len(able):,} of {len(rows):,} chosen**")
        for state, words in (
            ("dead", "given up before: looked up at the vendor first where an answer was lost, then sent"),
            ("suppressed", "held back on purpose before: **will be sent now**"),
            ("joined", "told of before: **will be told once more**"),
            ("cancelled", "cancelled before: will be sent now"),
        ):
            for integration in sorted({row.integration for row in able if row.state == state}):
                group = [row for row in able if row.state == state and row.integration == integration]
                practice = " (practice)" if all(row.practice for row in group) else ""
                st.markdown(f"- {title_of(integration)}{practice}: {len(group):,} {words}")
        if len(able) < len(rows):
            st.caption("The others are delivered or still go on by themselves; they stay as they are.")
        act_button(
            f"Try {len(able):,} again" if len(able) > 1 else "Try again",
            lambda _key: replay([row.id for row in able], actor=actor_here(Scope.ACT)),
            # all that were chosen, by id: what else can be tried by then is not the same act
            needed=Scope.ACT,
            name=f"replay-{'-'.join(row.id for row in rows)}",
            busy="Releasing …",
            done=lambda number: _said(number, len(able)),
            then=lambda _number: then() if then is not None else None,
            icon=":material/replay:",
            type="primary",
            disabled=not able,
        )


def _said(number: int, wanted: int) -> outcome.Said:
    words = f"{count_of(number, 'delivery')} {plural(number, 'goes', 'go')} out again."
    if number == wanted:
        return outcome.good(words)
    return outcome.warning(
        f"{words} {count_of(wanted - number, 'other')} changed meanwhile and stayed as they are."
    )
