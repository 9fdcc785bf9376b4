"""`soc config`: configurations carried to another installation."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer
from pydantic import SecretStr

from soc.batches.report import not_available_line
from soc.cli.endings import Ending
from soc.cli.given import read_document, writable
from soc.cli.say import end, explained, give, open_store, refuse, result, warn
from soc.cli.who.approvals import asking
from soc.configuration.practice import practising
from soc.configuration.save import save_configuration
from soc.configuration.state import integration_state, shown_state
from soc.configuration.test import test_configuration
from soc.configuration.transfer import export_configurations, import_configurations
from soc.domain.actor import AT_THE_SHELL
from soc.errors import ConfigurationError
from soc.integrations.kit.declared import fields_of
from soc.integrations.mistyped import env_notes
from soc.integrations.registry import KINDS, kind_of
from soc.store.key_check import take_new_key
from soc.store.migrate import migrate


def export_to(target: Path, *, seal: bool, why: str = "") -> None:
    """Write every saved configuration; with `seal` a passphrase is asked for and the secrets go along, sealed.

    `why`: where that takes a second administrator, it is asked for with this reason.
    """
    writable(target)
    passphrase = typer.prompt("Passphrase", hide_input=True, confirmation_prompt=True) if seal else ""
    with explained():
        open_store()
        with asking(why):
            document = export_configurations(passphrase=passphrase, actor=AT_THE_SHELL)
            target.write_text(json.dumps(document, indent=2) + "\n")
            result(f"{len(document['integrations'])} configurations written to {target}.")


def import_from(source: Path, *, why: str = "") -> None:
    """Save the configurations of a file, all or none."""
    with explained():
        open_store()
        document = read_document(source, what="export", hint="Is it what `soc config export` wrote?")
        if not isinstance(document.get("integrations"), dict):
            end(
                Ending.REFUSED,
                f"{source} is no export of configurations. Is it what `soc config export` wrote?",
            )
        sealed = any(isinstance(one, dict) and "sealed" in one for one in document["integrations"].values())
        passphrase = typer.prompt("Passphrase", hide_input=True) if sealed else ""
        with asking(why):
            try:
                imported = import_configurations(
                    document, passphrase=passphrase, actor=AT_THE_SHELL, author="soc config import"
                )
            except ConfigurationError as error:
                end(Ending.REFUSED, f"Nothing was saved. {error}")
            for warning in imported.warnings:
                warn(warning)
            result(f"Saved: {', '.join(imported.kinds) or 'nothing'}.")


def take_key() -> None:
    """Make this process's key the store's; name what has to be entered again."""
    with explained():
        migrate(compare_key=False)
        lost = take_new_key(actor=AT_THE_SHELL)
    result("The key of this process is the store's now.")
    if lost:
        result(f"Enter the credentials again: {', '.join(KINDS[kind].title for kind in lost)}.")


def print_configuration(kind: str) -> None:
    """Every setting as it may be shown. Raises NotFound; ends with NOT_AVAILABLE where there is none."""
    kind_of(kind)
    open_store()
    state = shown_state(kind)
    if state.wrong:
        hint = f"Enter its settings anew, secrets as well: `soc config set {kind} NAME=VALUE …`."
        end(Ending.NOT_AVAILABLE, f"{state.wrong} {hint}")
    if not state.configured:
        end(
            Ending.NOT_AVAILABLE,
            f"{KINDS[kind].title} is not configured. Use `soc config set {kind} NAME=VALUE …`.",
        )
    for name, value in state.masked.items():
        result(f"{name:24} {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}")
    give(
        {
            "kind": kind,
            "source": state.source,
            "enabled": state.enabled,
            "paused": state.paused_reason,
            "config": state.masked,
        }
    )


def set_values(kind: str, given: Sequence[str], *, why: str = "") -> None:
    """Save the configuration with these settings changed. Raises NotFound, ConfigurationError, NeedsApproval without a `why`."""
    kind_of(kind)
    open_store()
    values = dict(shown_state(kind).masked)  # none where what is kept cannot be used
    for one in given:
        name, equals, text = one.partition("=")
        if not equals:
            refuse(f"“{name}” has no value.", hint="Write NAME=VALUE; NAME=- asks for it unseen.")
        values[name] = _value(kind, name, _text_of(name, text))
    with asking(why):
        unasked = save_configuration(kind, values, actor=AT_THE_SHELL, author="soc config set")
        if unasked:
            warn(unasked)
        result(f"{KINDS[kind].title} is saved. It is not tested yet: soc config test {kind}")
        give({"kind": kind, "saved": True, "config": integration_state(kind).masked})


def _text_of(name: str, text: str) -> str:
    if text == "-":
        return str(typer.prompt(name, hide_input=True))
    if text.startswith("@"):
        try:
            return Path(text[1:]).read_text().strip()
        except (OSError, UnicodeDecodeError):
            refuse(f"{text[1:]} cannot be read.", hint="Check the path and its rights.")
    return text


def _value(kind: str, name: str, text: str) -> Any:
    """What is written as JSON where the setting is no text: true, 30, ["a"], {"a": "b"}."""
    field = KINDS[kind].config.model_fields.get(name)
    if field is None:
        known = ", ".join(fields_of(KINDS[kind].config))
        refuse(f"{KINDS[kind].title} has no setting “{name}”.", hint=f"There are: {known}.")
    if field.annotation in (str, SecretStr):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def run_test(kind: str) -> None:
    """Ends with NOT_AVAILABLE where it is not configured, with CHECK_FAILED where the vendor does not take it."""
    kind_of(kind)
    open_store()
    if not integration_state(kind).configured:
        why = " ".join(("it is not configured.", *env_notes()))
        end(Ending.NOT_AVAILABLE, f"{not_available_line(KINDS[kind])}: {why}")
    with practising():
        report = test_configuration(kind, actor=AT_THE_SHELL)
    found = report.model_dump(mode="json")
    ending = Ending.DONE if report.ok else Ending.CHECK_FAILED
    give(
        {
            "exit_code": ending.value,
            "ending": ending.word,
            "reason": "" if report.ok else report.summary,
            **found,
        }
    )
    if not report.ok:
        end(ending, f"{KINDS[kind].title}: {report.summary} {report.hint}".strip())
    result(f"✅ {KINDS[kind].title}: {report.summary}")
