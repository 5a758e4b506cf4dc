"""What all messages share: frozen, camelCase, and tolerant of fields that a later version added."""

from __future__ import annotations

from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from holdfast_contracts.enums import BookingActorType, BookingOrigin, Role
from holdfast_contracts.public.policies import Policies
from holdfast_contracts.values import CHECKED_AT_THE_EDGE


class Message(BaseModel):
    """A command or an event. Its name is its `ce_type`."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True)

    @classmethod
    def type_name(cls) -> str:
        """Name of the message as the header `ce_type` has it."""
        return cls.__name__

    @classmethod
    def decode(cls, payload: bytes) -> Self:
        """Read a payload; fields that this version does not know are ignored, also in nested bodies.

        Contacts are not checked again: the gateway did, and an e-mail address costs more than the rest of a message.
        Raises pydantic.ValidationError where the payload is not such a message.
        """
        return cls.model_validate_json(payload, extra="ignore", context=CHECKED_AT_THE_EDGE)

    def encode(self) -> bytes:
        """Return the payload as UTF-8 JSON."""
        return self.__pydantic_serializer__.to_json(self, by_alias=True)


class TenantFacts(Message):
    """What the owners need to know of a tenant. The gateway, who owns tenants, puts it into every command."""

    id: UUID
    slug: str
    name: str
    domain: str | None
    timezone: str
    currency: str
    policies: Policies = Policies()
    payments: bool = False

    @property
    def host(self) -> str:
        """The tenant's own domain, or a stable stand-in that can never exist (RFC 2606, section 2)."""
        return self.domain or f"{self.slug}.holdfast.invalid"


class Actor(Message):
    """Who asks. `staff` tells whether they act for the business or for their own bookings only."""

    subject: str
    role: Role
    type: BookingActorType
    origin: BookingOrigin
    staff: bool


class Command(Message):
    """A message that asks one service to do something for a caller."""

    tenant: TenantFacts
    actor: Actor
    if_match: int | None = None
