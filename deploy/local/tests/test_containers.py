import re

import pytest
import yaml

from holdfast_local import ports
from holdfast_local.environment import Wiring, environment_of
from holdfast_local.keys import SERVICES, StackKeys
from holdfast_local.paths import checkout

# What the image sets for all containers, and what has its default in the service's settings.
SET_BY_IMAGE = {"INTERNAL_HOST", "INTERNAL_PORT", "HTTP_HOST", "HTTP_PORT", "PYTHONUNBUFFERED"}
DEFAULTS = {"JWT_ISSUER", "JWT_AUDIENCE"}


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((checkout() / "deploy" / "compose.yaml").read_text())["services"]


@pytest.fixture(scope="module")
def dockerfile():
    return (checkout() / "deploy" / "docker" / "Dockerfile").read_text()


@pytest.mark.parametrize("service", SERVICES)
def test_a_container_gets_the_settings_that_a_local_process_gets(service, compose):
    wiring = Wiring(ports.consecutive(9100), StackKeys(), "kafka:9092", dict.fromkeys(SERVICES, "postgresql://h/d"))

    wanted = environment_of(service, wiring).keys() - SET_BY_IMAGE - DEFAULTS

    assert compose[service]["environment"].keys() == wanted


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_its_target_and_runs_without_root(service, compose, dockerfile):
    stage = dockerfile.split(f"FROM base AS {service}\n")[1].split("\nFROM ")[0]

    assert compose[service]["build"]["target"] == service
    assert re.findall(r"^USER (\d+)$", stage, re.MULTILINE)[-1] != "0"
    assert f'"holdfast_{service}.main"' in stage


@pytest.mark.parametrize("service", SERVICES)
def test_containers_are_read_only_and_have_time_to_drain(service, compose):
    assert compose[service]["read_only"] is True
    assert compose[service]["cap_drop"] == ["ALL"]
    assert int(compose[service]["stop_grace_period"].removesuffix("s")) > 20
