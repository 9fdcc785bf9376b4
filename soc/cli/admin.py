"""Commands for whoever runs the installation: API keys, and configurations carried elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from soc.domain.actor import AT_THE_SHELL
from soc.errors import SocError

err = Console(stderr=True)
keys_app = typer.Typer(help="API keys: create, list, revoke.", no_args_is_help=True)
config_app = typer.Typer(help="Configurations: export, import.", no_args_is_help=True)


@contextmanager
def _explained() -> Iterator[None]:
    """Migrate first; an expected error is one red line and exit code 1."""
    from soc.store.migrate import migrate

    try:
        migrate()
        yield
    except SocError as error:
        err.print(f"❌ {error}", style="red", highlight=False, markup=False)
        raise typer.Exit(1) from None


@keys_app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="Who or what uses it.")],
    scope: Annotated[str, typer.Option(help="read, act or admin.")] = "read",
) -> None:
    """Make a key and print it once. From the first key on, the API needs one."""
    from soc import clock
    from soc.access.keys import make_key
    from soc.access.scopes import Scope
    from soc.store.db import write_session

    if scope not in list(Scope):
        raise typer.BadParameter(f"{scope!r} is not a scope; use read, act or admin.")
    with _explained(), write_session() as session:
        row, key = make_key(session, name, Scope(scope), actor=AT_THE_SHELL, now=clock.now())
    err.print(f"{row.id} ({scope}) for {name}. Keep the key now; it cannot be shown again:", highlight=False)
    print(key)


@keys_app.command("list")
def show() -> None:
    """Every key with its scope and last use."""
    from soc.store.db import read_session
    from soc.store.keys import list_keys

    with _explained(), read_session() as session:
        for row in list_keys(session):
            used = f"used {row.last_used_at:%Y-%m-%d %H:%M}Z" if row.last_used_at else "never used"
            print(f"{row.id}  {row.scope:5}  {'revoked' if row.revoked_at else used:24}  {row.name}")


@keys_app.command("revoke")
def revoke(key_id: Annotated[str, typer.Argument(help="The key's id (key-…).")]) -> None:
    """Put a key out of force."""
    from soc import clock
    from soc.access.keys import revoke_key
    from soc.store.db import write_session

    with _explained(), write_session() as session:
        row = revoke_key(session, key_id, actor=AT_THE_SHELL, now=clock.now())
    print(f"{row.id} ({row.name}) is revoked.")


@config_app.command("export")
def export_config(
    target: Annotated[Path, typer.Argument(help="The JSON file to write.")],
    seal: Annotated[
        bool, typer.Option("--seal", help="Ask for a passphrase and seal the secrets with it.")
    ] = False,
) -> None:
    """Write every saved configuration; secrets are sealed with a passphrase or left out."""
    from soc.configuration.transfer import export_configurations

    passphrase = typer.prompt("Passphrase", hide_input=True, confirmation_prompt=True) if seal else ""
    with _explained():
        document = export_configurations(passphrase=passphrase)
    target.write_text(json.dumps(document, indent=2) + "\n")
    print(f"{len(document['integrations'])} configurations written to {target}.")


@config_app.command("import")
def import_config(
    source: Annotated[Path, typer.Argument(help="A file that `soc config export` wrote.")],
) -> None:
    """Save the configurations of a file, all or none; sealed secrets need their passphrase."""
    from soc.configuration.transfer import import_configurations
    from soc.errors import ConfigurationError

    with _explained():
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
