"""Checkpoints that a test installs by the environment."""

from __future__ import annotations

import os
import signal

import pytest

from holdfast_platform import checkpoints


@pytest.fixture
def signals(monkeypatch):
    """The signals that the process would have sent to itself."""
    sent = []
    monkeypatch.setattr(os, "kill", lambda pid, which: sent.append((pid, which)))
    monkeypatch.setattr(checkpoints, "_hooks", {})
    return sent


@pytest.mark.parametrize(("verb", "which"), [("kill", signal.SIGKILL), ("stop", signal.SIGSTOP)])
async def test_the_process_is_struck_the_nth_time_it_comes_by_and_once(signals, monkeypatch, verb, which):
    monkeypatch.setenv("HOLDFAST_CHECKPOINTS", f"unit.after_lock={verb}@2, unit.after_commit={verb}")
    checkpoints.install_from_environment("test")
    await checkpoints.reach("unit.after_lock")
    assert signals == []
    for _ in range(3):
        await checkpoints.reach("unit.after_lock")
    assert signals == [(os.getpid(), which)]


async def test_only_a_test_installs_anything(signals, monkeypatch):
    monkeypatch.setenv("HOLDFAST_CHECKPOINTS", "unit.after_lock=kill")
    checkpoints.install_from_environment("production")
    await checkpoints.reach("unit.after_lock")
    assert signals == []


@pytest.mark.parametrize("text", ["unit.after_lock", "unit.after_lock=pause", "unit.after_lock=kill,x=sleep@2"])
def test_a_word_that_is_not_known_is_refused(signals, monkeypatch, text):
    monkeypatch.setenv("HOLDFAST_CHECKPOINTS", text)
    with pytest.raises(ValueError, match="HOLDFAST_CHECKPOINTS"):
        checkpoints.install_from_environment("test")
