import subprocess
import sys

import pytest

from holdfast_platform.database.migrate import scripts_of
from holdfast_platform.database.revisions import head_of


@pytest.mark.parametrize("service", ["gateway", "booking", "inventory", "tickets", "calendar"])
def test_the_newest_revision_is_the_one_that_alembic_finds(service):
    assert head_of(service) == scripts_of(service).get_current_head()


def test_a_service_does_not_load_what_only_migrations_need():
    program = "import sys, holdfast_booking.main; print({'alembic', 'sqlalchemy.orm'} & sys.modules.keys())"

    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "set()"
