import os
import signal
import sys
import time

import pytest

from holdfast_local import waiting
from holdfast_local.errors import StackError
from holdfast_local.ownership import Ownership, remove_stack, sweep
from holdfast_local.paths import stack_paths
from holdfast_local.process import ManagedProcess, command_line, exists

SLEEPER = "import signal, time; print('up', flush=True); time.sleep(60)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEPER}"


@pytest.fixture
def sleeper(tmp_path):
    made = []

    def start(code: str = SLEEPER) -> ManagedProcess:
        mark = f"holdfast-stack={tmp_path}"
        process = ManagedProcess("sleeper", tmp_path / "sleeper.log", mark)
        process.spawn([sys.executable, "-X", mark, "-c", code], {})
        made.append(process)
        waiting.until(lambda: "up" in process.last_lines(), 10, lambda: StackError("did not start"))
        return process

    yield start
    for process in made:
        process.kill()


def test_a_process_stops_when_asked(sleeper):
    process = sleeper()

    process.stop()

    assert process.exit_code == -signal.SIGTERM
    assert process.ending() == "was ended by SIGTERM"


def test_a_process_that_does_not_listen_is_killed(sleeper):
    process = sleeper(STUBBORN)

    process.stop(patience=0.2)

    assert process.exit_code == -signal.SIGKILL


def test_a_paused_process_can_be_stopped(sleeper):
    process = sleeper()
    process.pause()

    process.stop(patience=5)

    assert process.exit_code == -signal.SIGTERM


def test_a_process_can_be_started_again(sleeper):
    process = sleeper()
    first = process.pid
    process.kill()

    process.spawn([sys.executable, "-c", SLEEPER], {})

    assert process.alive
    assert process.pid != first


def test_a_second_supervisor_is_refused(tmp_path):
    paths = stack_paths("one", tmp_path)
    owner = Ownership(paths)
    owner.take()

    with pytest.raises(StackError, match="already runs"):
        Ownership(paths).take()
    assert not remove_stack(paths)

    owner.release()
    assert remove_stack(paths)
    assert not paths.base.exists()


def test_what_a_killed_supervisor_left_is_ended(sleeper, tmp_path):
    paths = stack_paths("one", tmp_path)
    killed, process = Ownership(paths), sleeper()
    killed.take()
    killed.record({"booking": process})
    killed._lock.close()

    # The child is ours, so somebody has to take its exit status for it to be gone.
    began = time.monotonic()
    ended = waiting.in_parallel(lambda: process.wait(20), lambda: ended_by(paths))

    assert ended is None
    assert not exists(process._child.pid)
    assert time.monotonic() - began < 10


def ended_by(paths) -> None:
    assert Ownership(paths).take() == ["booking"]


def test_a_foreign_process_with_a_recorded_id_is_left_alone(sleeper, tmp_path):
    paths = stack_paths("one", tmp_path)
    killed, process = Ownership(paths), sleeper()
    killed.take()
    process.mark = "another-stack"
    killed.record({"booking": process})
    killed._lock.close()

    assert Ownership(paths).take() == []
    assert process.alive
    assert "holdfast-stack" in command_line(process.pid)


def test_dead_test_stacks_are_swept_and_living_ones_kept(tmp_path):
    living = Ownership(stack_paths("test-a", tmp_path))
    living.take()
    dead = Ownership(stack_paths("test-b", tmp_path))
    dead.take()
    dead.release()
    young = Ownership(stack_paths("test-d", tmp_path))
    young.take()
    young.release()
    for name in ("test-a", "test-b"):
        os.utime(tmp_path / name / "stack.lock", (0, 0))

    sweep(stack_paths("test-c", tmp_path), "test-")

    assert (tmp_path / "test-a").exists()
    assert not (tmp_path / "test-b").exists()
    assert (tmp_path / "test-d").exists()
    living.release()


def test_waiting_ends_when_the_user_wants_to_stop():
    waiting.stop_asked.set()
    try:
        with pytest.raises(waiting.StopAskedError):
            waiting.until(lambda: False, 10, lambda: StackError("late"))
    finally:
        waiting.stop_asked.clear()
