"""Every write says who it was: a row without its actor is refused, and a whole night leaves none unknown."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

import soc
from soc import clock
from soc.access.keys import make_key, revoke_key
from soc.access.scopes import Scope
from soc.audit.authorship import CHANGED, MADE, NEED_NONE, needed_column, silent_tables
from soc.batches.intake import keep_paste, submit_batch
from soc.batches.run import run_batch
from soc.configuration.save import save_configuration
from soc.domain.actor import AT_A_PAGE, AT_THE_SHELL, Actor, ActorKind, Known
from soc.domain.rule import Rule
from soc.logs.layout import ReadOptions
from soc.store import tables
from soc.store.db import get_engine, read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.people.keys import get_key
from soc.store.nouns.rules.rules import save_rule


def _tables() -> list[sa.Table]:
    assert tables.__all__
    return list(SQLModel.metadata.sorted_tables)


def test_every_table_says_who_it_was_or_why_it_need_not() -> None:
    assert silent_tables(_tables()) == []
    assert set(NEED_NONE) <= {table.name for table in _tables()}


def test_a_row_without_its_actor_is_refused() -> None:
    migrate()
    models = {mapper.local_table.name: mapper.class_ for mapper in SQLModel._sa_registry.mappers}
    for table in _tables():
        if name := needed_column(table):
            nothing = {column.name: None for column in table.columns if column.nullable}
            row = models[table.name](**{**_values(table), **nothing})
            with pytest.raises(
                sa.exc.IntegrityError, match=rf"{table.name}\.{name}|\"{name}\" of relation \"{table.name}\""
            ):
                _store(row)


def _store(row: SQLModel) -> None:
    with write_session() as session:
        if session.connection().dialect.name == "sqlite":  # PostgreSQL looks at columns first
            session.connection().exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        session.add(row)


def _values(table: sa.Table) -> dict[str, object]:
    """Something for every column but the actor's."""
    made: dict[str, object] = {}
    for column in table.columns:
        if column.name in (MADE, CHANGED[0]) or column.nullable:
            continue
        kind = column.type.impl_instance if isinstance(column.type, sa.types.TypeDecorator) else column.type
        if isinstance(kind, sa.DateTime):
            made[column.name] = clock.now()
        elif isinstance(kind, sa.JSON):
            made[column.name] = {}
        else:
            made[column.name] = kind.python_type()
    return made


def test_no_write_in_the_product_leaves_its_actor_to_a_default() -> None:
    """Functions that write for somebody take `actor`, and none of them has a default for it."""
    lenient = []
    for path in sorted(Path(soc.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.FunctionDef):
                continue
            named = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
            lenient += [
                f"{path.name}:{node.name}" for arg, default in named if arg.arg == "actor" and default
            ]
            lenient += [f"{path.name}:{node.name}" for arg in node.args.args[-len(node.args.defaults) or None :]
                        if arg.arg == "actor" and node.args.defaults]  # fmt: skip
    assert lenient == []


def test_a_key_keeps_who_made_it_and_who_took_it_back() -> None:
    migrate()
    with write_session() as session:
        row, _ = make_key(session, "grafana", Scope.READ, actor=AT_THE_SHELL, now=clock.now())
    for actor in (AT_A_PAGE, AT_THE_SHELL):  # the second comes too late
        with write_session() as session:
            revoke_key(session, row.id, actor=actor, now=clock.now())
    with read_session() as session:
        kept = get_key(session, row.id)
    assert (kept.made_by, kept.revoked_by) == (str(AT_THE_SHELL), str(AT_A_PAGE))


def test_a_rule_keeps_who_wrote_it_last() -> None:
    migrate()
    rule = Rule(id="mine", name="Mine", min_score=5)
    for actor in (AT_THE_SHELL, Actor.key("key-7")):
        with write_session() as session:
            save_rule(session, rule, actor=actor)
    with read_session() as session:
        found = dict(session.connection().execute(sa.text("SELECT id, changed_by FROM rules")).all())
    assert found["mine"] == "key:key-7@bearer"
    assert Actor.parse(found["severity-9"]) == Actor.system("defaults")


def test_what_was_there_before_actors_were_kept_is_of_nobody_known() -> None:
    migrate()
    with get_engine().begin() as connection:
        columns = {column["name"]: column for column in sa.inspect(connection).get_columns("batches")}
    default = str(columns["made_by"]["default"]).partition("::")[0].strip("'")
    assert (Actor.parse(default).kind, Actor.parse(default).known) == (ActorKind.SYSTEM, Known.UNKNOWN)


def test_after_a_batch_every_row_says_who_it_was_and_none_is_unknown() -> None:
    migrate()
    save_configuration("webhook", {"url": "https://soc.example.com/hook"}, actor=AT_THE_SHELL)
    line = "Jan 14 22:01:07 bastion sshd[811]: Failed password for root from 203.0.113.9 port 4711 ssh2\n"
    with write_session() as session:
        save_rule(session, Rule(id="all", name="All", min_score=1), actor=AT_A_PAGE)
    uploads = [(keep_paste(line * 3), ReadOptions())]
    run_batch(submit_batch(uploads, idempotency_key="night", actor=AT_THE_SHELL))
    told: dict[str, set[str]] = {}
    with read_session() as session:
        for table in _tables():
            if name := needed_column(table):
                told[table.name] = set(session.connection().execute(sa.select(table.columns[name])).scalars())
    assert all(Actor.parse(text).known is not Known.UNKNOWN for texts in told.values() for text in texts)
    assert told["batches"] == told["integration_versions"] == {str(AT_THE_SHELL)}
    assert told["rules"] == {str(AT_A_PAGE), str(Actor.system("defaults"))}
    assert told["decisions"] >= {str(Actor.rule("all"))}
    assert told["deliveries"] == {str(Actor.rule("all"))}
