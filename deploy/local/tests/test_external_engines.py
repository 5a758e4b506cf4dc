import pytest

from holdfast_local.errors import StackError
from holdfast_local.kafka import ExternalKafka, kafka_of
from holdfast_local.paths import stack_paths
from holdfast_local.ports import free_port
from holdfast_local.postgres import ExternalPostgres, postgres_of
from holdfast_local.progress import Progress


def test_a_given_server_is_taken_before_an_own_one(tmp_path):
    paths = stack_paths("one", tmp_path)

    assert isinstance(postgres_of(paths, 1, "pw", {"DATABASE_URL": "postgresql://h/x"}), ExternalPostgres)
    assert isinstance(kafka_of(paths, 1, 2, {"KAFKA_BOOTSTRAP_SERVERS": "h:9092"}, Progress()), ExternalKafka)


def test_the_url_of_another_database_keeps_server_and_options():
    server = ExternalPostgres("postgresql://u:p@h:5433/postgres?sslmode=require")

    assert server.url("holdfast_booking") == "postgresql://u:p@h:5433/holdfast_booking?sslmode=require"


def test_a_server_that_does_not_answer_is_named_with_its_variable():
    with pytest.raises(StackError, match="DATABASE_URL does not answer"):
        ExternalPostgres(f"postgresql://u:p@127.0.0.1:{free_port()}/postgres").start()


@pytest.mark.integration
def test_a_server_is_used_by_its_superuser_only(postgres_url):
    ExternalPostgres(postgres_url).start()


@pytest.mark.integration
def test_a_given_kafka_is_asked_whether_it_answers(kafka_bootstrap):
    ExternalKafka(kafka_bootstrap).start()
