"""`soc config`: configurations carried to another installation."""

from __future__ import annotations

import json
from pathlib import Path

import typer

from soc.cli.endings import Ending
from soc.cli.say import end, explained, open_store, refuse, result
from soc.configuration.transfer import export_configurations, import_configurations
from soc.domain.actor import AT_THE_SHELL
from soc.errors import ConfigurationError
from soc.integrations.registry import KINDS
from soc.store.key_check import take_new_key
from soc.store.migrate import migrate


def export_to(target: Path, *, seal: bool) -> None:
    """Write every saved configuration; with `seal` a passphrase is asked for and the secrets go along, sealed."""
    if not target.absolute().parent.is_dir():
        refuse(f"There is no folder {target.absolute().parent}.", hint="Make it first.")
    passphrase = typer.prompt("Passphrase", hide_input=True, confirmation_prompt=True) if seal else ""
    with explained():
        open_store()
        document = export_configurations(passphrase=passphrase)
    target.write_text(json.dumps(document, indent=2) + "\n")
    result(f"{len(document['integrations'])} configurations written to {target}.")


def import_from(source: Path) -> None:
    """Save the configurations of a file, all or none."""
    with explained():
        open_store()
        if not source.is_file():
            refuse(f"There is no file {source}.", hint="Check the path.")
        try:
            document = json.loads(source.read_text())
        except (OSError, ValueError, RecursionError):
            end(Ending.REFUSED, f"{source} cannot be read as JSON. Is it what `soc config export` wrote?")
        if not isinstance(document, dict) or not isinstance(document.get("integrations"), dict):
            end(
                Ending.REFUSED,
                f"{source} is no export of configurations. Is it what `soc config export` wrote?",
            )
        sealed = any(isinstance(one, dict) and "sealed" in one for one in document["integrations"].values())
        passphrase = typer.prompt("Passphrase", hide_input=True) if sealed else ""
        try:
            kinds = import_configurations(
                document, passphrase=passphrase, actor=AT_THE_SHELL, author="soc config import"
            )
        except ConfigurationError as error:
            end(Ending.REFUSED, f"Nothing was saved. {error}")
    result(f"Saved: {', '.join(kinds) or 'nothing'}.")


def take_key() -> None:
    """Make this process's key the store's; name what has to be entered again."""
    with explained():
        migrate(compare_key=False)
        lost = take_new_key(actor=AT_THE_SHELL)
    result("The key of this process is the store's now.")
    if lost:
        result(f"Enter the credentials again: {', '.join(KINDS[kind].title for kind in lost)}.")
