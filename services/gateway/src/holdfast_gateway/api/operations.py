"""Operations: commands as their callers see them (our own)."""

from __future__ import annotations

from typing import Final

from holdfast_contracts.public.tenants import OperationDto
from holdfast_gateway.api import examples
from holdfast_gateway.api.vocabulary import ANY, C
from holdfast_gateway.pipeline.routes import Controller, Local, Owner

OPERATIONS: Final = Controller(
    "operations",
    "Operations",
    (
        Local(
            method="GET",
            path="/operations/:id",
            owner=Owner.GATEWAY,
            operation="GetOperation",
            summary="What became of a command",
            notes="For the same `sub` and for staff of the tenant; 404 for others. `pending` until its owner has it.",
            scopes=ANY,
            reference=False,
            shape=OperationDto,
            errors=(C.NOT_FOUND,),
            answer_example=examples.OPERATION_ANSWER,
        ),
    ),
)
