"""SLA policies on the page: listed in their order, changed in a form, tried on the open tickets before they are saved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import orjson
import streamlit as st
from sqlmodel import Session

from soc.access.scopes import Scope
from soc.domain.severity import Priority
from soc.domain.sla.policy import DEFAULT_POLICY, GUIDE_POLICY, Policy, Reopening, Start
from soc.errors import SocError
from soc.metrics.sla import read_policies
from soc.sla import policies
from soc.sla.preview import PolicyPreview, preview_policy
from soc.store.db import read_session, write_session
from soc.store.nouns.sla.sla_policies import list_in_force
from soc.store.unchanged import while_unchanged
from soc.ui import covered
from soc.ui.kit import outcome, quoted, tables, times
from soc.ui.kit.buttons import act_button
from soc.ui.kit.problems import show_problem
from soc.ui.views.life import seat

_EDITED = "policy-edited"
_NEW = ""


@while_unchanged
def read_in_force() -> list[tuple[Policy, int]]:
    with read_session() as session:
        return list(list_in_force(session))


def draw_policies() -> None:
    """Every policy in the order in which they are asked; the one that is edited with its form."""
    found = read_in_force()
    for place, (policy, version) in enumerate(found, start=1):
        with st.container(border=True, gap="small", key=f"policy-{policy.id}"):
            _draw_policy(place, policy, version, [one.id for one, _ in found])
    if st.session_state.get(_EDITED) == _NEW:
        with st.container(border=True, gap="small"):
            st.markdown("**New policy**")
            draw_form(None, 0)
    else:
        covered.button(
            "Add a policy",
            needed=Scope.LEAD,
            icon=":material/add:",
            key="add-policy",
            on_click=_edit,
            args=(_NEW,),
        )


def _edit(policy_id: str) -> None:
    st.session_state[_EDITED] = policy_id


def _close() -> None:
    st.session_state.pop(_EDITED, None)


def _draw_policy(place: int, policy: Policy, version: int, order: Sequence[str]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(
            f"{place}. **{quoted.markdown(policy.title)}** (`{policy.id}` version {version}) — {_for_whom(policy)}; "
            f"{_hours(policy)}; starts when {policy.start}; reopened: {policy.reopening}"
        )
        with st.container(horizontal=True, gap="small", width="content"):
            covered.button(
                "Change",
                needed=Scope.LEAD,
                key=f"change-policy-{policy.id}",
                icon=":material/edit:",
                on_click=_edit,
                args=(policy.id,),
            )
            if policy.id != DEFAULT_POLICY:
                if place > 1:
                    _draw_up(policy.id, order)
                act_button(
                    "",
                    lambda _key: _write(
                        lambda session: policies.remove_policy(
                            session, policy.id, actor=seat.actor(Scope.LEAD)
                        )
                    ),
                    needed=Scope.LEAD,
                    name=f"remove-policy-{policy.id}",
                    busy="Taking it away …",
                    done=lambda _none: outcome.good("It was taken away; tickets that have it keep it."),
                    icon=":material/delete:",
                    help="Take it away",
                )
    about = {row.priority: row.description for row in read_policies()}
    tables.show_rows(
        lambda: [
            {
                "priority": priority.value,
                "time": in_hours(target.response),
                "resolution": in_hours(target.resolution),
                "description": about.get(priority.value, ""),
            }
            for priority, target in policy.targets.items()
        ],
        {
            "priority": tables.text_column("Priority", 100),
            "time": tables.text_column("Response Time", 120),
            "resolution": tables.text_column("Resolution Time", 120),
            "description": tables.text_column("Description"),
        },
        alt=f"How much time each priority has by {policy.title}",
        of=policy,
    )
    if st.session_state.get(_EDITED) == policy.id:
        draw_form(policy, version)


def _draw_up(policy_id: str, order: Sequence[str]) -> None:
    """Ask this policy before the one that stands above it."""
    at = order.index(policy_id)
    wanted = [*order[: at - 1], policy_id, order[at - 1], *order[at + 1 :]]
    act_button(
        "",
        lambda _key: _write(
            lambda session: policies.order_policies(session, wanted, actor=seat.actor(Scope.LEAD))
        ),
        needed=Scope.LEAD,
        name=f"policy-up-{policy_id}",
        busy="Moving it up …",
        done=lambda _none: outcome.good("It is asked earlier now; tickets that have a policy keep theirs."),
        icon=":material/arrow_upward:",
        help="Ask it before the one above",
    )


def in_hours(minutes: int) -> str:
    """In the guide's words: `1 hour`, `24 hours`, `1 week`."""
    hours, rest = divmod(minutes, 60)
    if rest:
        return f"{minutes:,} minutes"
    if hours and hours % 168 == 0:
        return f"{hours // 168} week{'s' if hours != 168 else ''}"
    return f"{hours} hour{'s' if hours != 1 else ''}"


def _for_whom(policy: Policy) -> str:
    lists = (
        ("priority", policy.match.priorities), ("class", policy.match.classes), ("source", policy.match.sources),
        ("project", policy.match.projects), ("team", policy.match.teams),
    )  # fmt: skip
    words = [
        f"{name} {' or '.join(quoted.markdown(str(one)) for one in wanted)}"
        for name, wanted in lists
        if wanted
    ]
    return " and ".join(words) or "every ticket that no other takes"


def _hours(policy: Policy) -> str:
    return f"working hours in {policy.time.zone}" if policy.time.week else "day and night"


@covered.form(Scope.LEAD, "Policies")
def draw_form(policy: Policy | None, version: int) -> None:
    """Times in a table; hours, holidays and pausing statuses as the document that the API and the shell take."""
    base = policy or GUIDE_POLICY
    key = policy.id if policy else "new-policy"
    left, right = st.columns(2)
    policy_id = (
        policy.id if policy else left.text_input("Id", key=f"{key}-id", placeholder="banking", max_chars=40)
    )
    title = right.text_input("Title", value=policy.title if policy else "", key=f"{key}-title", max_chars=80)
    rows = st.data_editor(
        [
            {"Priority": one.value, "Response (min)": base.targets[one].response, "Resolution (min)": base.targets[one].resolution}
            for one in Priority
            if one in base.targets
        ],
        key=f"{key}-targets",
        disabled=["Priority"],
        hide_index=True,
    )  # fmt: skip
    start = left.selectbox(
        "A clock starts when", list(Start), index=list(Start).index(base.start), key=f"{key}-start"
    )
    reopening = right.selectbox(
        "Reopening", list(Reopening), index=list(Reopening).index(base.reopening), key=f"{key}-reopening"
    )
    more = st.text_area(
        "For whom, which time counts, which statuses pause (JSON)",
        value=orjson.dumps(base.model_dump(mode="json", include={"match", "pauses_in", "time"}), option=orjson.OPT_INDENT_2).decode(),
        height=260,
        key=f"{key}-more",
        help='Hours read {"zone": "Europe/Berlin", "week": {"monday": ["09:00-12:30", "13:00-17:00"]}, "country": "DE"}.',
    )  # fmt: skip
    wanted, seen = _try(policy_id, title, rows, start or base.start, reopening or base.reopening, more)
    if seen is not None:
        st.info(seen.sentence, icon=":material/visibility:")
        for one in seen.moved[:5]:
            st.caption(
                f"{quoted.markdown(one.ticket)}, {one.clock}: {times.shown(one.today)} → {times.shown(one.then)}"
            )
    also = st.checkbox("Also for the tickets that are open, from now on", key=f"{key}-apply")
    with st.container(horizontal=True, gap="small"):
        act_button(
            "Save",
            lambda _key: _write(
                lambda session: policies.save_policy(
                    session,
                    wanted or base,
                    actor=seat.actor(Scope.LEAD),
                    expected=version,
                    apply_to_open=also,
                )
            ),
            needed=Scope.LEAD,
            name=f"save-policy-{key}",
            busy="Saving …",
            done=lambda number: outcome.good(f"Version {number} is in force."),
            then=lambda _number: _close(),
            type="primary",
            disabled=wanted is None,
        )
        st.button("Cancel", key=f"cancel-policy-{key}", on_click=_close)


def _try(
    policy_id: str, title: str, rows: Any, start: Start, reopening: Reopening, more: str
) -> tuple[Policy | None, PolicyPreview | None]:
    """The policy as it is in the form, and what it would mean; what is wrong with it is said."""
    if not policy_id or not title.strip():
        st.caption("Give it an id and a title.")
        return None, None
    try:
        rest = orjson.loads(more)
    except orjson.JSONDecodeError as error:
        show_problem("The last field is no JSON.", f"{error}.")
        return None, None
    targets = {
        row["Priority"]: {"response": row["Response (min)"], "resolution": row["Resolution (min)"]}
        for row in rows
    }
    document = {
        **(rest if isinstance(rest, dict) else {}),
        "id": policy_id, "title": title, "targets": targets, "start": start, "reopening": reopening,
    }  # fmt: skip
    try:
        wanted = policies.with_holidays(policies.read_policy(document))
        with read_session() as session:
            return wanted, preview_policy(session, wanted)
    except SocError as error:
        show_problem(error.message, error.hint)
        return None, None


def _write(work: Callable[[Session], Any]) -> Any:
    with write_session() as session:
        return work(session)
