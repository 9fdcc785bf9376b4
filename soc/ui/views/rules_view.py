"""Rules as their page shows them: what each does, in words; changed, moved and switched in place; tried before they are saved."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from soc.access.scopes import Scope
from soc.domain.classification import Classification
from soc.domain.rule import EVERY_CHANNEL, Rule
from soc.errors import ConfigurationError
from soc.integrations.registry import KINDS, titles
from soc.rules import changing
from soc.rules.preview import LAST, Preview, preview_removal, preview_rule
from soc.rules.review import Notice, review_rules
from soc.store.db import read_session, write_session
from soc.store.nouns.rules.rules import get_rule, list_rules
from soc.store.unchanged import while_unchanged
from soc.ui import covered
from soc.ui.kit import buttons, outcome, places, quoted
from soc.ui.kit.problems import show_problem
from soc.ui.sitting import actor_here

_NEW = "new"
_EDITED = "rule-edited"


def in_words(rule: Rule) -> str:
    """The condition and who is told, as Markdown."""
    words = f" and the class contains “{quoted.markdown(rule.class_contains)}”" if rule.class_contains else ""
    return f"Score **{rule.min_score}** or more{words} → {told_by(rule)}"


def told_by(rule: Rule) -> str:
    """The channels for people."""
    if EVERY_CHANNEL in rule.actions:
        return "every channel"
    return titles(rule.actions) or "nobody"


@while_unchanged
def _rules() -> Sequence[Rule]:
    with read_session() as session:
        return list_rules(session)


def draw_rules() -> None:
    """Every rule in the order of asking, each with its buttons; the one that is edited with its form."""
    rules = _rules()
    notices = review_rules(rules)
    st.caption(
        "Every rule is asked about every incident, from the first to the last. What meets one is told to the channels "
        "that it names, each once. A change is in force with the next batch."
    )
    edited = st.session_state.get(_EDITED)
    for number, rule in enumerate(rules):
        with st.container(border=True, gap="small", key=f"rule-{rule.id}"):
            _draw_rule(rule, rules, number, notices)
            if edited == rule.id:
                draw_form(rule)
    if edited == _NEW:
        with st.container(border=True, gap="small"):
            st.markdown("**New rule**")
            draw_form(None)
    else:
        covered.button(
            "Add a rule",
            needed=Scope.LEAD,
            icon=":material/add:",
            type="primary",
            key="add-rule",
            on_click=_edit,
            args=(_NEW,),
        )


def _edit(rule_id: str) -> None:
    st.session_state[_EDITED] = rule_id


def _close() -> None:
    st.session_state.pop(_EDITED, None)


def _draw_rule(
    rule: Rule, rules: Sequence[Rule], number: int, notices: Mapping[str, Sequence[Notice]]
) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with st.container(gap=None, width="stretch"):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(f"{number + 1}. **{quoted.markdown(rule.name)}**", width="content")
                st.badge(
                    "on" if rule.enabled else "off",
                    icon=":material/check:" if rule.enabled else ":material/pause:",
                    color="green" if rule.enabled else "gray",
                )
            st.markdown(f":small[{in_words(rule)}]")
        with st.container(horizontal=True, gap="small", width="content", vertical_alignment="center"):
            _draw_moves(rule, rules, number)
            _draw_switch(rule)
            covered.button(
                "Change",
                needed=Scope.LEAD,
                key=f"change-{rule.id}",
                icon=":material/edit:",
                on_click=_edit,
                args=(rule.id,),
            )
            _draw_removal(rule)
    draw_notices(notices[rule.id])


def draw_notices(notices: Sequence[Notice]) -> None:
    for notice in notices:
        mark, colour = (":material/warning:", "orange") if notice.grave else (":material/info:", "gray")
        st.markdown(f":small[:{colour}[{mark} {quoted.markdown(notice.text)}]]")


def _draw_moves(rule: Rule, rules: Sequence[Rule], number: int) -> None:
    for label, place, icon, possible in (
        ("Ask earlier", number, ":material/arrow_upward:", number > 0),
        ("Ask later", number + 2, ":material/arrow_downward:", number + 1 < len(rules)),
    ):
        buttons.act_button(
            "",
            _move(rule.id, place),
            needed=Scope.LEAD,
            name=f"{label.lower().replace(' ', '-')}-{rule.id}-{place}",
            busy="Moving …",
            icon=icon,
            disabled=not possible,
            help=label,
        )


def _move(rule_id: str, place: int) -> Callable[[str], None]:
    return lambda _key: _write(
        lambda session: changing.move_rule(session, rule_id, place, actor=actor_here(Scope.LEAD))
    )


def _draw_switch(rule: Rule) -> None:
    wanted = not rule.enabled
    buttons.act_button(
        "Switch on" if wanted else "Switch off",
        lambda _key: _write(
            lambda session: changing.switch_rule(
                session, rule.id, enabled=wanted, actor=actor_here(Scope.LEAD)
            )
        ),
        needed=Scope.LEAD,
        name=f"switch-{'on' if wanted else 'off'}-{rule.id}",
        busy="Switching …",
        done=lambda _nothing: outcome.good(
            f"“{quoted.markdown(rule.name)}” is switched {'on' if wanted else 'off'}, from the next batch on."
        ),
        icon=":material/play_arrow:" if wanted else ":material/pause:",
    )


def _draw_removal(rule: Rule) -> None:
    with covered.popover(
        "Delete", needed=Scope.LEAD, icon=":material/delete:", key=f"delete-{rule.id}", on_change="rerun"
    ) as box:
        if not box.open:
            return
        with read_session() as session:
            found = preview_removal(session, rule)
        st.markdown(
            f"**{quoted.markdown(rule.name)}** is taken away; what it decided stays. Without it: "
            f"{_fewer(found)} of the last {found.incidents:,} incidents."
        )
        buttons.act_button(
            "Delete the rule",
            lambda _key: _write(
                lambda session: changing.remove_rule(session, rule.id, actor=actor_here(Scope.LEAD))
            ),
            needed=Scope.LEAD,
            name=f"delete-{rule.id}",
            busy="Deleting …",
            done=lambda _nothing: outcome.good(f"“{quoted.markdown(rule.name)}” is deleted."),
            icon=":material/delete:",
            type="primary",
        )


def _fewer(found: Preview) -> str:
    lost = found.eligible_today - found.eligible_then
    return f"nobody would be told of {lost:,}" if lost else "the same would be told"


def _write(change: Callable[..., object]) -> None:
    with write_session() as session:
        change(session)


@covered.form(Scope.LEAD, "Rules")
def draw_form(rule: Rule | None) -> None:
    """The fields of a rule with its preview, which follows each of them; saved by its button alone."""
    name = rule.id if rule is not None else _NEW
    with st.grid(3, min_column_width=220):
        title = st.text_input(
            "Name", value=rule.name if rule else "", key=f"name-{name}", max_chars=changing.LONGEST_NAME
        )
        score = st.slider("Least score", 1, 10, value=rule.min_score if rule else 8, key=f"score-{name}")
        words = st.text_input(
            "Class contains",
            value=rule.class_contains if rule else "",
            key=f"class-{name}",
            max_chars=changing.LONGEST_CLASS,
            placeholder="any class",
            help=f"In any case of letters. Classes: {', '.join(one.value for one in Classification)}.",
        )
    every = st.toggle(
        "Tell every channel", value=rule is None or EVERY_CHANNEL in rule.actions, key=f"every-{name}"
    )
    chosen = [] if every else _choose_channels(rule, name)
    tried = Rule(
        id=rule.id if rule else _NEW,
        name=title,
        min_score=int(score),
        class_contains=words,
        actions=(EVERY_CHANNEL,) if every else tuple(chosen),
        enabled=rule.enabled if rule else True,
        position=rule.position if rule else 0,
    )
    draw_preview(tried)
    with st.container(horizontal=True):
        buttons.act_button(
            "Save the rule",
            lambda _key: save(tried),
            needed=Scope.LEAD,
            name=f"save-{name}",
            busy="Saving …",
            done=lambda _nothing: outcome.good(
                f"“{quoted.markdown(' '.join(title.split()))}” is saved, from the next batch on."
            ),
            then=lambda _nothing: _close(),
            icon=":material/save:",
            type="primary",
            disabled=not title.strip(),
            help=None if title.strip() else "Give it a name first.",
        )
        st.button("Cancel", key=f"cancel-{name}", on_click=_close)


def _choose_channels(rule: Rule | None, name: str) -> list[str]:
    options = [kind for kind, declared in KINDS.items() if declared.tells]
    before = [kind for kind in (rule.actions if rule else ()) if kind in options]
    return st.multiselect(
        "Channels",
        options,
        default=before,
        format_func=lambda kind: KINDS[kind].title,
        key=f"channels-{name}",
    )


def draw_preview(rule: Rule) -> None:
    """What the rule would have matched, channel by channel, and the newest of it."""
    try:
        with read_session() as session:
            changing.check_rule(rule.model_copy(update={"name": rule.name.strip() or "new"}))
            found = preview_rule(session, rule, last=LAST)
    except ConfigurationError as error:
        show_problem(error.message, error.hint)
        return
    with st.container(gap="small", key=f"preview-{rule.id}"):
        st.markdown(f":material/query_stats: {quoted.markdown(found.sentence)}")
        changed = [one for one in found.channels if one.today != one.then]
        if changed:
            st.caption(
                "Told of them: "
                + " · ".join(f"{KINDS[one.channel].title} {one.today:,} → {one.then:,}" for one in changed)
                + " (as far as each is set up and switched on)"
            )
        for incident_id, title in found.examples:
            places.link("incidents", quoted.markdown(title), incident=incident_id)
        draw_notices(found.notices)


def save(rule: Rule) -> None:
    """Add it, or put it in the place of the one with its id. Raises NotFound, ConfigurationError."""
    with write_session() as session:
        if rule.id == _NEW:
            changing.add_rule(session, rule, actor=actor_here(Scope.LEAD))
        else:
            stored = get_rule(session, rule.id)  # whoever switched it meanwhile is not overruled
            changing.replace_rule(
                session, rule.model_copy(update={"enabled": stored.enabled}), actor=actor_here(Scope.LEAD)
            )
