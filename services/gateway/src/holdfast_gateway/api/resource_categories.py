"""ResourceCategoryController; planned."""

from __future__ import annotations

from functools import partial
from typing import Final

from holdfast_gateway.api.vocabulary import READ_CATALOG, WRITE_CATALOG, planned
from holdfast_gateway.pipeline.routes import Controller, Owner

_planned: Final = partial(planned, Owner.INVENTORY)


_BASE: Final = "/resource-categories"
_REQUIREMENTS: Final = f"{_BASE}/content/:contentId/requirements"

RESOURCE_CATEGORIES: Final = Controller(
    "resource_categories",
    "Resource categories",
    (
        _planned("GET", _BASE, "ListResourceCategories", "List categories", READ_CATALOG),
        _planned("GET", _REQUIREMENTS, "GetContentRequirements", "What a content needs", READ_CATALOG),
        _planned("POST", _BASE, "CreateResourceCategory", "Add a category", WRITE_CATALOG),
        _planned("PUT", f"{_BASE}/:id", "UpdateResourceCategory", "Change a category", WRITE_CATALOG),
        _planned("PUT", _REQUIREMENTS, "SetContentRequirements", "Replace what a content needs", WRITE_CATALOG),
        _planned("DELETE", f"{_BASE}/:id", "DeleteResourceCategory", "Take a category away", WRITE_CATALOG),
    ),
)
