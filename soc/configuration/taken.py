"""Asks the vendor, before a save, whether it can take what was chosen: what it lacks by name is refused at the field."""

from __future__ import annotations

import structlog

from soc.errors import DeliveryError
from soc.integrations.kit.base import IntegrationConfig
from soc.integrations.registry import KINDS, InvalidConfiguration, connect
from soc.integrations.unsaid import without_secrets

log = structlog.get_logger(__name__)

#: Seconds. A person waits for the save, and it goes on without an answer.
PATIENCE = 5


def refuse_untaken(kind: str, config: IntegrationConfig) -> str:
    """Raises InvalidConfiguration, at the field, for what the vendor says it does not have.

    "" where it takes everything, or has nothing to say; else why it could not be asked, which is no reason not to save.
    """
    if not config.enabled:
        return ""
    connector = connect(kind, config.model_copy(update={"timeout": min(config.timeout, PATIENCE)}))
    try:
        refused = dict(connector.untaken())
    except DeliveryError as error:
        log.warning(f"{kind}_choices_not_checked", reason=error.reason.value)
        said = without_secrets({"why": f"{error.message} {error.hint}".strip()}, config)
        return f"{KINDS[kind].title} could not be asked whether it has what was chosen. {said['why']}"
    finally:
        connector.close()
    if refused:
        labels = {name: field.title or name for name, field in type(config).model_fields.items()}
        raise InvalidConfiguration(KINDS[kind].title, without_secrets(refused, config), labels)
    return ""
