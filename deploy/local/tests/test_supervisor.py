from types import SimpleNamespace

import pytest

from holdfast_local import waiting
from holdfast_local.errors import StackError
from holdfast_local.supervisor import MOST_DEATHS, Supervisor


class DyingProcess:
    def __init__(self, *, alive: bool):
        self.alive = alive

    def ending(self) -> str:
        return "was ended by SIGKILL"

    def last_lines(self) -> str:
        return "    its last words"


class StackOfOne:
    """A stack with one part, which starts, dies at once, or cannot be started."""

    def __init__(self, *, dies_again: bool = False, error: StackError | None = None):
        self.started = 0
        self.said: list[str] = []
        self.part = DyingProcess(alive=False)
        self.progress = SimpleNamespace(say=lambda part, text: self.said.append(f"{part} {text}"))
        self._dies_again = dies_again
        self._error = error

    def processes(self):
        return {"booking": self.part}

    def start(self, part: str) -> None:
        self.started += 1
        if self._error:
            raise self._error
        self.part.alive = not self._dies_again


def test_what_died_is_told_with_its_last_words_and_started_again():
    stack = StackOfOne()

    supervisor = Supervisor(stack)
    supervisor.look()
    supervisor.look()

    assert stack.started == 1
    assert "was ended by SIGKILL" in stack.said[0]
    assert "its last words" in stack.said[0]


def test_what_dies_again_and_again_is_left_alone():
    stack = StackOfOne(dies_again=True)

    supervisor = Supervisor(stack)
    for _ in range(MOST_DEATHS + 3):
        supervisor.look()

    assert stack.started == MOST_DEATHS - 1
    assert "left as it is" in stack.said[-1]


def test_a_start_that_fails_is_told():
    stack = StackOfOne(error=StackError("no room", "Make room."))

    Supervisor(stack).look()

    assert "no room" in stack.said[-1]
    assert "Make room." in stack.said[-1]


def test_watching_ends_when_the_user_wants_to_stop():
    waiting.stop_asked.set()
    try:
        Supervisor(StackOfOne()).watch()
    finally:
        waiting.stop_asked.clear()


@pytest.fixture(autouse=True)
def _nobody_stops():
    yield
    assert not waiting.stop_asked.is_set()
