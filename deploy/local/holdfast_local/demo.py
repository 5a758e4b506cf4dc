"""`make demo`: the story of an evening, told as it happens, over the public HTTP API of a running stack."""

from collections.abc import Mapping
from pathlib import Path
from typing import cast

from holdfast_local import evening as steps
from holdfast_local.client import Api
from holdfast_local.evening import Evening
from holdfast_local.progress import Progress
from holdfast_local.waiting import finished


def tell(stack: Mapping[str, object], output: Path) -> None:
    """Play the evening against that stack. Raises StackError when something is not as it must be."""
    finished(_tell(stack, output))


async def _tell(stack: Mapping[str, object], output: Path) -> None:
    gateway = str(stack["gateway"])
    tokens = _tokens(stack)
    async with (
        Api(gateway, tokens["owner"]) as owner,
        Api(gateway, tokens["guest"], connections=steps.BUYERS) as guest,
        Api(gateway, tokens["door"]) as door,
    ):
        evening = Evening(owner, guest, door, Progress(), output)
        await steps.announce(evening)
        await steps.rush(evening)
        ticket = await steps.fetch_papers(evening)
        await steps.open_doors(evening, ticket)
        await steps.change_of_mind(evening)
        evening.say("what is held, holds. Good night.")


def _tokens(stack: Mapping[str, object]) -> Mapping[str, str]:
    demo = next(tenant for tenant in cast(list[Mapping[str, object]], stack["tenants"]) if tenant["slug"] == "demo")
    return cast(Mapping[str, str], demo["tokens"])
