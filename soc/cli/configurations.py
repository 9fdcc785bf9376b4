"""`soc config`: configurations carried to another installation."""

from __future__ import annotations

import json
from pathlib import Path

import typer

from soc.cli.say import explained
from soc.configuration.transfer import export_configurations, import_configurations
from soc.domain.actor import AT_THE_SHELL
from soc.errors import ConfigurationError
from soc.store.migrate import migrate


def export_to(target: Path, *, seal: bool) -> None:
    """Write every saved configuration; with `seal` a passphrase is asked for and the secrets go along, sealed."""
    passphrase = typer.prompt("Passphrase", hide_input=True, confirmation_prompt=True) if seal else ""
    with explained():
        migrate()
        document = export_configurations(passphrase=passphrase)
    target.write_text(json.dumps(document, indent=2) + "\n")
    print(f"{len(document['integrations'])} configurations written to {target}.")


def import_from(source: Path) -> None:
    """Save the configurations of a file, all or none."""
    with explained():
        migrate()
        try:
            document = json.loads(source.read_text())
        except (OSError, ValueError):
            raise ConfigurationError(f"{source} cannot be read as JSON.", hint="Check the path.") from None
        sealed = any("sealed" in entry for entry in document.get("integrations", {}).values())
        passphrase = typer.prompt("Passphrase", hide_input=True) if sealed else ""
        kinds = import_configurations(
            document, passphrase=passphrase, actor=AT_THE_SHELL, author="soc config import"
        )
    print(f"Saved: {', '.join(kinds) or 'nothing'}.")
