"""Whether a schema only grew: what was written under the old one can still be read under the new one.

Forbidden within a version: a field removed or of another type, a value of an enumeration removed, and a field that
must be there now and did not have to. A change that needs one of these is a new topic, `.v2` [design/architecture §4].
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, TypeAlias

from holdfast_contracts.schema_documents import Schema

Kind: TypeAlias = Literal["message", "request", "answer"]
"""A message is written and read on both sides, a request only read by us, an answer only written by us."""

_SHAPE = ("type", "format", "const")


def breaks(old: Schema, new: Schema, kind: Kind = "message") -> list[str]:
    """Return what a new schema breaks of an old one, each with its path; empty where it only grew.

    Only a request may take more kinds of value than before. Of an answer no field may be missing that was always
    there; of the others none may be needed that was not.
    """
    return list(_Comparison(old, new, kind).run())


class _Comparison:
    """Walks both schemas side by side; definitions are compared once, however often they are referred to."""

    def __init__(self, old: Schema, new: Schema, kind: Kind) -> None:
        self._old, self._new, self._kind = old, new, kind
        self._seen: set[tuple[str, str]] = set()

    def run(self) -> Iterator[str]:
        """Give each break."""
        yield from self._compare(self._old, self._new, "$")

    def _compare(self, old: Schema, new: Schema, path: str) -> Iterator[str]:
        pair = (str(old.get("$ref")), str(new.get("$ref")))
        if "$ref" in old or "$ref" in new:
            if pair in self._seen:
                return
            self._seen.add(pair)
        yield from self._choices(old, new, path)
        old, new = _resolved(self._old, old), _resolved(self._new, new)
        yield from self._shape(old, new, path)
        yield from self._fields(old, new, path)
        for nested in ("items", "additionalProperties"):
            if isinstance(old.get(nested), dict) and isinstance(new.get(nested), dict):
                yield from self._compare(old[nested], new[nested], f"{path}[]")

    def _shape(self, old: Schema, new: Schema, path: str) -> Iterator[str]:
        for word in _SHAPE if not _alternatives(old) else ():
            if word in new and old.get(word) != new.get(word):
                yield f"{path}: {word} was {old.get(word)!r} and is {new.get(word)!r}"
        if "enum" in new and (gone := {*old.get("enum", ())} - {*new["enum"]}):
            yield f"{path}: values removed: {', '.join(sorted(map(str, gone)))}"

    def _fields(self, old: Schema, new: Schema, path: str) -> Iterator[str]:
        before, now = old.get("properties", {}), new.get("properties", {})
        for name, schema in before.items():
            if name in now:
                yield from self._compare(schema, now[name], f"{path}.{name}")
            else:
                yield f"{path}.{name}: removed"
        had_to, has_to = set(old.get("required", [])), set(new.get("required", []))
        answer = self._kind == "answer"
        changed = had_to - has_to if answer else has_to - had_to
        word = "may be missing now" if answer else "must be there now"
        for name in sorted(changed & set(now)):
            yield f"{path}.{name}: {word}"

    def _choices(self, old: Schema, new: Schema, path: str) -> Iterator[str]:
        """Each alternative of the old schema must still be one; in a request a plain schema may become several."""
        before = _alternatives(_resolved(self._old, old))
        now = _alternatives(_resolved(self._new, new))
        if not before and not now:
            return
        before, now = before or [old], now or [new]
        for choice in before:
            if not any(self._fits(choice, candidate, path) for candidate in now):
                yield f"{path}: no longer takes {_name(choice)}"
        if self._kind != "request":
            known = {_name(choice) for choice in before}
            for choice in now:
                if _name(choice) not in known:
                    yield f"{path}: may be {_name(choice)} now"

    def _fits(self, old: Schema, new: Schema, path: str) -> bool:
        trial = _Comparison(self._old, self._new, self._kind)
        trial._seen = set(self._seen)
        return _name(old) == _name(new) and not list(trial._compare(old, new, path))


def _alternatives(schema: Schema) -> list[Schema]:
    choices: list[Schema] = [*schema.get("anyOf", []), *schema.get("oneOf", [])]
    return choices


def _name(schema: Schema) -> str:
    told: Any = schema.get("$ref", schema.get("type", schema.get("const", "anything")))
    return str(told).rpartition("/")[2]


def _resolved(document: Schema, schema: Schema) -> Schema:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    return _at(document, str(reference).removeprefix("#/").split("/"))


def _at(document: Schema, path: list[str]) -> Schema:
    found: Any = document
    for step in path:
        found = found[step]
    resolved: Schema = found
    return resolved
