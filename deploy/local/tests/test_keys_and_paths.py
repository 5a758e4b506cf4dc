import base64
import json
import stat

import pytest

from holdfast_local.errors import StackError
from holdfast_local.keys import SERVICES, load_or_make
from holdfast_local.paths import stack_paths


def test_keys_are_made_once_and_readable_by_their_owner_only(tmp_path):
    path = tmp_path / "stack" / "secrets.json"

    first = load_or_make(path)

    assert load_or_make(path) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert set(first.service_passwords) == set(SERVICES)


def test_a_key_that_a_newer_version_needs_is_added(tmp_path):
    path = tmp_path / "secrets.json"
    keys = load_or_make(path)
    older = {name: value for name, value in json.loads(path.read_text()).items() if name != "ticket_key_secret"}
    path.write_text(json.dumps(older))

    newer = load_or_make(path)

    assert newer.platform_token == keys.platform_token
    assert json.loads(path.read_text())["ticket_key_secret"] == newer.ticket_key_secret


def test_keys_have_the_lengths_that_services_ask_for(tmp_path):
    keys = load_or_make(tmp_path / "secrets.json")

    assert all(len(key) >= 32 for key in (keys.internal_token_key, keys.asset_link_key, keys.jwt_hs256_key))
    assert len(base64.b64decode(keys.ticket_key_secret)) == 32


def test_the_default_stack_is_described_at_the_top(tmp_path):
    assert stack_paths("default", tmp_path).description == tmp_path / "stack.json"
    assert stack_paths("second", tmp_path).description == tmp_path / "second" / "stack.json"


@pytest.mark.parametrize("name", ["", "Demo", "a/b", "..", "demo", "kafka-libs", "x" * 42])
def test_a_name_that_is_no_plain_word_is_refused(name, tmp_path):
    with pytest.raises(StackError, match="stack's name"):
        stack_paths(name, tmp_path)
