import hashlib

import pytest

from holdfast_local.errors import StackError
from holdfast_local.kafka_jars import VERSION, resource, verify


@pytest.fixture
def jars(tmp_path):
    (tmp_path / "a.jar").write_bytes(b"a")
    (tmp_path / "b.jar").write_bytes(b"b")
    return tmp_path


def listed(**content: bytes) -> str:
    return "".join(f"{hashlib.sha256(data).hexdigest()}  {name}.jar\n" for name, data in content.items())


def test_the_pinned_jars_are_accepted(jars):
    verify(jars, listed(a=b"a", b=b"b"))


@pytest.mark.parametrize(
    ("hashes", "wrong"),
    [
        (listed(a=b"a", b=b"changed"), "b.jar"),
        (listed(a=b"a"), "b.jar"),
        (listed(a=b"a", b=b"b", c=b"c"), "c.jar"),
    ],
    ids=["changed", "one too many", "one missing"],
)
def test_other_jars_are_refused_by_name(jars, hashes, wrong):
    with pytest.raises(StackError, match=wrong):
        verify(jars, hashes)


def test_the_committed_hashes_are_those_of_the_version():
    assert f"kafka_2.13-{VERSION}.jar" in resource("kafka-jars.sha256").read_text()
    assert f"<version>{VERSION}</version>" in resource("kafka-pom.xml").read_text()
