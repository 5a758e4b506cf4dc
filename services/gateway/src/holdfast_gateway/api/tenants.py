"""Tenants, their domains and settings (our own); opened by the platform token."""

from __future__ import annotations

from typing import Final

from holdfast_contracts.public.base import Page
from holdfast_contracts.public.tenants import CreateTenantDto, TenantDto, UpdateTenantDto
from holdfast_gateway.api import examples
from holdfast_gateway.api.vocabulary import VERSIONED, C
from holdfast_gateway.pipeline.query_values import Paged
from holdfast_gateway.pipeline.routes import Access, Controller, Local, Owner

TENANTS: Final = Controller(
    "tenants",
    "Tenants",
    (
        Local(
            method="GET",
            path="/tenants",
            owner=Owner.GATEWAY,
            operation="ListTenants",
            summary="List tenants",
            access=Access.PLATFORM,
            reference=False,
            query=Paged,
            shape=Page[TenantDto],
            answer_example=examples.page_of(examples.TENANT_ANSWER),
        ),
        Local(
            method="POST",
            path="/tenants",
            owner=Owner.GATEWAY,
            operation="CreateTenant",
            summary="Add a tenant",
            access=Access.PLATFORM,
            reference=False,
            body=CreateTenantDto,
            status=201,
            writes=True,
            shape=TenantDto,
            answer_example=examples.TENANT_ANSWER,
            errors=(C.SLUG_TAKEN, C.DOMAIN_TAKEN),
            example=examples.CREATE_TENANT,
        ),
        Local(
            method="GET",
            path="/tenants/:id",
            owner=Owner.GATEWAY,
            operation="GetTenant",
            summary="One tenant",
            access=Access.PLATFORM,
            reference=False,
            shape=TenantDto,
            answer_example=examples.TENANT_ANSWER,
            errors=(C.NOT_FOUND,),
        ),
        Local(
            method="PATCH",
            path="/tenants/:id",
            owner=Owner.GATEWAY,
            operation="UpdateTenant",
            summary="Change a tenant: only what is sent",
            notes="What is sent is never `null`: no field of a tenant can be taken away.",
            access=Access.PLATFORM,
            reference=False,
            body=UpdateTenantDto,
            writes=True,
            versioned=True,
            shape=TenantDto,
            answer_example=examples.TENANT_ANSWER,
            errors=(*VERSIONED, C.DOMAIN_TAKEN),
            example=examples.UPDATE_TENANT,
        ),
    ),
)
