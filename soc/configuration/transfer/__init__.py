"""Carries configurations from one installation to another: a JSON document, its secrets sealed or left out."""

from __future__ import annotations

from soc.configuration.transfer.document import FORMAT, SHORTEST_PASSPHRASE
from soc.configuration.transfer.export import export_configurations
from soc.configuration.transfer.import_document import Imported, import_configurations

__all__ = ["FORMAT", "SHORTEST_PASSPHRASE", "Imported", "export_configurations", "import_configurations"]
