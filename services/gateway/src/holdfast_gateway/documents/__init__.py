"""Documents made of the route table: the OpenAPI document, `docs/status.md`, `docs/errors.md`."""
