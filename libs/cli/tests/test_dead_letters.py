"""Which letters are done, and which may run again."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast_cli.dlq.command import choose
from holdfast_cli.dlq.handled import Handled, TooScatteredError
from holdfast_cli.dlq.letters import Letter, objection
from holdfast_cli.errors import CannotError
from holdfast_contracts.inventory import ReleaseClaim

ID = UUID(int=7)


def letter(topic: str, offset: int = 3, **headers: str) -> Letter:
    told = {"ce_id": str(ID), "ce_type": "PlaceClaim", "hf-dlq-topic": topic, "hf-dlq-consumer": "booking.claims"}
    return Letter(f"{topic}.dlq", 0, offset, b"key", b"{}", {**told, **headers})


@given(st.integers(0, 50), st.lists(st.integers(0, 80), max_size=40))
def test_what_is_done_survives_the_note(first: int, done: list[int]):
    before = Handled(first).with_done(done)
    after = Handled.read(before.first_open, before.note())
    assert after == before
    assert [n for n in range(100) if after.covers(n)] == [n for n in range(100) if n < first or n in done]


def test_letters_done_in_any_order_move_the_offset_as_far_as_it_goes():
    handled = Handled(5).with_done([7, 8, 6])
    assert (handled.first_open, handled.note()) == (5, "6-8")
    assert (handled.with_done([5]).first_open, handled.with_done([5]).note()) == (9, "")


def test_letters_that_retention_removed_are_done():
    assert Handled(2, frozenset({6})).starting_at(6) == Handled(7)


def test_a_note_that_is_not_ours_says_nothing():
    assert Handled.read(4, "made elsewhere") == Handled(4)


def test_too_many_gaps_are_refused():
    with pytest.raises(TooScatteredError):
        Handled(0).with_done(range(2, 9000, 2)).note()


def test_a_command_that_was_told_as_failed_is_not_replayed():
    assert "told that it failed" in (objection(letter("inventory.commands.v1"), "failed", known=True) or "")


def test_a_claim_that_was_given_back_is_not_replayed():
    assert "given back" in (objection(letter("inventory.claims.v1"), "failed", known=True) or "")


def test_a_command_whose_caller_was_never_told_may_run_again():
    assert objection(letter("inventory.commands.v1"), None, known=True) is None


def test_a_command_is_kept_where_its_inbox_cannot_be_asked():
    assert "could not be asked" in (objection(letter("inventory.commands.v1"), None, known=False) or "")


def test_what_nobody_could_read_is_told():
    assert letter("booking.events.v1").unreadable == "header missing: ce_tenantid"
    known = letter("inventory.commands.v1", ce_tenantid=str(ID), ce_type="ReleaseClaim")
    assert "payload" in (known.unreadable or "")
    body = ReleaseClaim(claim_id=ID, booking_id=ID, reason="over").encode()
    assert replace(known, payload=body).unreadable is None


def test_an_event_may_run_again_whatever_the_inbox_says():
    assert objection(letter("booking.events.v1"), "failed", known=True) is None


def test_a_release_that_was_given_up_may_run_again():
    release = letter("inventory.commands.v1", ce_type="ReleaseClaim")
    assert objection(release, "failed", known=True) is None
    assert objection(release, None, known=False) is None


def test_a_letter_without_an_id_is_kept():
    assert "no message id" in (objection(letter("booking.events.v1", ce_id="x"), None, known=True) or "")


def test_a_replay_has_a_new_id_that_a_second_replay_has_too():
    one = letter("booking.events.v1", traceparent="00-1")
    headers = one.replayed_headers()
    assert headers["ce_id"] != str(ID)
    assert headers["hf-replay-of"] == str(ID)
    assert headers["traceparent"] == "00-1"
    assert not [name for name in headers if name.startswith("hf-dlq-")]
    assert one.replayed_headers() == headers
    assert letter("booking.events.v1", 4).replayed_headers()["ce_id"] == headers["ce_id"]
    again = letter("booking.events.v1", ce_id=headers["ce_id"]).replayed_headers()
    assert again["ce_id"] not in (headers["ce_id"], str(ID))


def test_letters_are_named_by_place_or_message():
    letters = [letter("booking.events.v1", 1), letter("booking.events.v1", 2, ce_id=str(UUID(int=8)))]
    assert choose(letters, ["booking.events.v1@2"], every=False) == [letters[1]]
    assert choose(letters, [str(ID)], every=False) == [letters[0]]
    assert choose(letters, [], every=True) == letters
    with pytest.raises(CannotError, match="no open letter"):
        choose(letters, ["booking.events.v1@9"], every=False)
    with pytest.raises(CannotError, match="--all"):
        choose(letters, [], every=False)
