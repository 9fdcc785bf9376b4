"""StackStorm: actions run for incidents, and their ends."""

from soc.integrations.stackstorm.config import StackStormConfig
from soc.integrations.stackstorm.connector import StackStormConnector
from soc.integrations.stackstorm.requests import ACTIONS

__all__ = ["ACTIONS", "StackStormConfig", "StackStormConnector"]
