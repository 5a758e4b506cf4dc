"""Problem documents say the words of the specification, whichever Python runs [spec/09, Errors]."""

from __future__ import annotations

from http import HTTPStatus

import pytest

from holdfast_contracts.problems import PHRASES, PROBLEMS, ProblemCode, Refusal, invalid, problem_document


def test_every_status_of_a_code_has_its_words() -> None:
    assert {kind.status for kind in PROBLEMS.values()} == set(PHRASES)


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (invalid("a", "is wrong"), "Unprocessable Entity"),
        (Refusal(ProblemCode.SOLD_OUT, "1 of 2 is left."), "Conflict"),
        (Refusal(ProblemCode.BODY_TOO_LARGE, "Too large."), "Request Entity Too Large"),
    ],
)
def test_the_words_do_not_come_from_the_library(refusal: Refusal, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python 3.13 renamed two phrases; whatever it says, ours stay."""
    monkeypatch.setattr(HTTPStatus(refusal.status), "phrase", "Another Phrase")
    assert problem_document(refusal, "/x")["error"] == words
