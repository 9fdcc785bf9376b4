"""What a vendor at which people can act can be asked, in words that are no vendor's own."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

from soc.domain.acts import Wish
from soc.integrations.kit.base import Connector


@dataclass(frozen=True)
class Form:
    """A form to be opened: what for, about which incident, and what stands above it. `opens` is the vendor's pass for it."""

    wish: Wish
    incident_id: str
    title: str
    opens: str
    place: Mapping[str, str]


@dataclass(frozen=True)
class PeopleThere:
    """How this vendor proves who a person is: the roster's column with its id for them."""

    column: str


class InteractiveConnector(Connector):
    """A connector of a vendor at which people press buttons, send forms and answer in threads."""

    @property
    @abstractmethod
    def answers_back(self) -> bool:
        """Whether what people do there reaches us with these settings: else messages show links alone."""

    @abstractmethod
    def open_form(self, form: Form) -> None:
        """Show it to whoever asked. Raises TransientDeliveryError, UnknownOutcome, PermanentDeliveryError (the pass is over)."""

    @abstractmethod
    def email_of(self, who: str) -> str:
        """The person's e-mail address there, "" where it is not told. Raises DeliveryError."""

    @abstractmethod
    def incident_of_thread(self, place: Mapping[str, str]) -> str:
        """The incident whose alert begins this thread, "" for another thread. Raises DeliveryError."""
