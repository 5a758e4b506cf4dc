"""Policies: what is copied into a booking when it is made [spec/03, Policies; spec/10, Policy defaults]."""

from collections.abc import Mapping


def snapshot(*layers: Mapping[str, object]) -> dict[str, object]:
    """Policies of which each part and field is the first that a layer has: content, then tenant, then defaults.

    A field that is `None` counts as left out. Lists are taken whole.
    """
    merged: dict[str, object] = {}
    for layer in layers:
        for key, value in layer.items():
            merged[key] = _merged(merged.get(key), value)
    return {key: value for key, value in merged.items() if value is not None}


def _merged(first: object, second: object) -> object:
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        return snapshot(first, second)
    return second if first is None else first
