"""What is looked at before anybody can sign in: that nobody can listen in, and that somebody may administer."""

from __future__ import annotations

from urllib.parse import urlsplit

from soc import clock
from soc.access.accounts import LOCAL, Identity, add_account, invite
from soc.access.providers import check_providers
from soc.access.scopes import AccessRole
from soc.access.sessions import in_force
from soc.domain.actor import Actor
from soc.errors import ConfigurationError
from soc.serving.signin.paths import LINK
from soc.settings import get_settings
from soc.store.db import write_session
from soc.store.nouns.people.accounts import any_usable_admin, find_account

_FIRST = Actor.system("first-start")


def check_sign_in(*, listens_beyond_loopback: bool, speaks_tls: bool) -> None:
    """Raises ConfigurationError where people could not sign in, or would over plain http from beyond this machine."""
    settings = get_settings()
    check_providers()
    beyond = listens_beyond_loopback or bool(settings.host_names)
    if in_force() and beyond and not speaks_tls and urlsplit(settings.public_url).scheme != "https":
        raise ConfigurationError(
            "People would sign in over plain http, and others can reach this server: SOC_SIGN_IN is set, and it listens "
            "beyond loopback or has SOC_HOST_NAMES.",
            hint="Put a proxy with a certificate in front and set SOC_PUBLIC_URL=https://…, give Streamlit a certificate "
            "(server.sslCertFile, server.sslKeyFile), or listen on 127.0.0.1.",
        )


def invite_first_admin(address: str) -> str:
    """A one-time link for the first administrator; "" where there is one already, or nobody has a password here."""
    if "local" not in get_settings().sign_in:
        return ""
    now = clock.now()
    with write_session() as session:
        if any_usable_admin(session, AccessRole.ADMIN):
            return ""
        row = find_account(session, LOCAL, "admin")
        if row is None:
            first = Identity(LOCAL, "admin", name="Administrator")
            row = add_account(session, first, AccessRole.ADMIN, actor=_FIRST, now=now)
        token = invite(session, row.id, actor=_FIRST, now=now)
    return f"{(get_settings().public_url or address).rstrip('/')}{LINK}?token={token}"
