"""Certificate checking that may be switched off: only where the administrator allows it, and never in silence."""

from __future__ import annotations

from soc.integrations.kit.connection import insecure_allowed

WARNING = (
    "Certificates are not checked: whoever sits between this machine and the service can read and change what is "
    "sent. Name the authority's PEM file in SOC_CA_BUNDLE instead."
)


def refuse_unchecked(unchecked: bool) -> None:
    """Raises ValueError where certificates are not to be checked and the administrator does not allow that."""
    if unchecked and not insecure_allowed():
        raise ValueError(
            "certificates are always checked here; name a private authority's PEM file in SOC_CA_BUNDLE, or let an "
            "administrator set SOC_ALLOW_INSECURE_TLS=true"
        )
