"""StackStorm: actions run for incidents, and their ends."""

from soc.integrations.vendors.stackstorm.bodies import ACTIONS
from soc.integrations.vendors.stackstorm.config import StackStormConfig
from soc.integrations.vendors.stackstorm.connector import StackStormConnector

__all__ = ["ACTIONS", "StackStormConfig", "StackStormConnector"]
