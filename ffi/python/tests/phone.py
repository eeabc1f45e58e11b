#!/usr/bin/env python3
"""A phone in a terminal, for phones in different languages to meet: the contract stands in ffi/story/README.md.

    PYTHONPATH=target/python/stage ffi/python/tests/phone.py join HOME INVITATION

Every answer is one JSON object on a line of its own.
"""

import argparse
import asyncio
import json
import sys
import time
from pathlib import Path

import linli
from linli import NewItem, NewOrder, OrderFilter, OrderState, OrderWay, OrderCommand, Peer, Urgency, new_command_id

PATIENCE = 60
IN_STEP = 30


def say(**answer) -> None:
    print(json.dumps(answer, ensure_ascii=False), flush=True)


def opened(home: str) -> linli.Opened:
    return linli.opened(home, linli.FileSecrets(Path(home) / "secrets"))


async def open_orders(phone, **filter) -> list:
    return [line async for line in linli.pages(phone.board, OrderFilter(state=OrderState.OPEN, **filter))]


async def a_line() -> str:
    """What comes on stdin next; empty at its end."""
    return await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)


async def meet(phone, address: str, peer: Peer) -> None:
    """Dials, and waits until whoever is there is in step."""
    node = await phone.start_node(linli.NodeOptions(listen=None, nearby=False))
    try:
        node.dial([address], peer)
        end, change = time.monotonic() + IN_STEP, node.change()
        while not any(one.in_step and one.dialled for one in node.connected()):
            try:
                change = await asyncio.wait_for(node.next_change(change), end - time.monotonic())
            except TimeoutError:
                states = [str(one.state) for one in node.dialled()]
                raise SystemExit(f"nobody there is in step: {states}") from None
    finally:
        await node.stop()
    say(synced=True)


async def found(phone, _) -> None:
    say(founded=await phone.found("Python"), device=await phone.device())


async def invite(phone, given) -> None:
    node = await phone.start_node(linli.NodeOptions(listen=given.address, nearby=False))
    listening = f"127.0.0.1:{node.port()}"
    inviting = await phone.invite(linli.Offer(role=linli.Role.VOLUNTEER, name=given.name), [listening])
    say(invitation=inviting.text(), listening=listening)
    state = await inviting.state()
    while not isinstance(state, linli.InvitingState.ADMITTED):
        if isinstance(state, linli.InvitingState.COMPARING):
            say(digits=state.digits)
            if (await a_line()).strip() != "yes":
                await inviting.refuse()
                raise SystemExit("refused")
            await inviting.confirm(state.digits)
        elif isinstance(state, linli.InvitingState.OVER):
            raise SystemExit(f"the invitation is over: {state.code}")
        state = await inviting.next_state(state)
    say(admitted=state.device)
    await a_line()  # the newcomer syncs meanwhile
    await node.stop()


async def join(phone, given) -> None:
    joining = await phone.ask(given.invitation)
    node = await joining.start_node([])
    state, end = joining.state(), time.monotonic() + PATIENCE
    while not isinstance(state, linli.JoiningState.JOINED):
        if isinstance(state, linli.JoiningState.FAILED):
            raise SystemExit(f"{state.code}: {state.reason}")
        if isinstance(state, linli.JoiningState.COMPARING):
            say(digits=state.digits)
        state = await asyncio.wait_for(joining.next_state(state), end - time.monotonic())
    say(joined=state.community)
    await node.stop()
    addresses = linli.read_invitation(given.invitation).addresses
    await meet(phone, addresses[0], joining.peer())


async def post(phone, given) -> None:
    for nth in range(given.count):
        order = NewOrder(
            building=given.building,
            room=str(101 + nth),
            kind="grocery",
            urgency=Urgency.NORMAL,
            way=OrderWay.APP,
            items=[NewItem(name="rice", qty="1", unit="bag")],
        )
        await phone.submit_order(new_command_id(), OrderCommand.POST(order))
    say(posted=given.count)


async def claim(phone, given) -> None:
    free = await open_orders(phone, buildings=[given.building], held=False)
    for line in free:
        await phone.submit_order(new_command_id(), OrderCommand.CLAIM(), line.order)
    say(claimed=len(free))


async def sync(phone, given) -> None:
    await meet(phone, given.address, Peer.MEMBER())


async def serve(phone, given) -> None:
    node = await phone.start_node(linli.NodeOptions(listen=given.address, nearby=False))
    say(listening=f"127.0.0.1:{node.port()}")
    await a_line()
    await node.stop()
    say(closed=True)


async def hash_(phone, _) -> None:
    say(hash=await phone.state_hash(), orders=len(await open_orders(phone)))


async def admit_relay(phone, given) -> None:
    relay = await phone.admit_relay(new_command_id(), given.card, "office")
    say(relay=relay, allow=await phone.relay_pass())


COMMANDS = {
    "found": (found, []),
    "invite": (invite, ["name", "address"]),
    "admit-relay": (admit_relay, ["card"]),
    "join": (join, ["invitation"]),
    "post": (post, ["count", "building"]),
    "claim": (claim, ["building"]),
    "sync": (sync, ["address"]),
    "serve": (serve, ["address"]),
    "hash": (hash_, []),
}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (_, given) in COMMANDS.items():
        command = commands.add_parser(name)
        for argument in ["home", *given]:
            command.add_argument(argument, type=int if argument == "count" else str)
    return parser.parse_args()


async def main() -> None:
    given = arguments()
    async with opened(given.home) as phone:
        await COMMANDS[given.command][0](phone, given)


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except (TimeoutError, linli.LinliError, SystemExit) as error:
        if isinstance(error, SystemExit) and not isinstance(error.code, str):
            raise
        say(error=repr(error) if isinstance(error, linli.LinliError) else str(error))
        sys.exit(1)
