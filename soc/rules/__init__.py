"""When an incident is acted upon. Rules are data in the store; every answer is recorded with its why."""

from soc.rules.decide import Decision, decide

__all__ = ["Decision", "decide"]
