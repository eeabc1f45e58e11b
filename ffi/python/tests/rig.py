"""What a story needs: phones with homes of their own, and pipes that this program pumps itself."""

import asyncio
import contextlib
import socket
import time
from pathlib import Path

import linli

PIECE = 4096


class Rig:
    """A phone of the story: its home, its keystore, and the phone while it is open."""

    def __init__(self, name: str, directory: Path) -> None:
        self.name, self.home, self.secrets = name, str(directory / name), linli.MemorySecrets()
        self.phone: linli.Phone

    async def open(self) -> linli.Phone:
        self.phone = await linli.Phone.open(self.home, self.secrets)
        return self.phone

    async def board(self, state: linli.OrderState = linli.OrderState.OPEN) -> list:
        return [line async for line in linli.pages(self.phone.board, linli.OrderFilter(state=state))]

    async def order(self, command: linli.OrderCommand, on: str | None = None) -> linli.Receipt:
        return await self.phone.submit_order(linli.new_command_id(), command, on)

    async def box(self, command: linli.BoxCommand, on: str | None = None) -> linli.Receipt:
        return await self.phone.submit_box(linli.new_command_id(), command, on)

    async def hash(self) -> str:
        return await self.phone.state_hash()


class Pumped:
    """Two ends of a conversation, and a socket pair between them that this program feeds and drains."""

    def __init__(self, dialling: linli.Pipe, accepting: linli.Pipe) -> None:
        self.pipes = dialling, accepting
        self._sockets = socket.socketpair()
        for end in self._sockets:
            end.setblocking(False)
        self.failed: list[linli.LinliError] = []
        self._tasks = [
            asyncio.create_task(task)
            for pipe, end in zip(self.pipes, self._sockets, strict=False)
            for task in (self._write(pipe, end), self._read(pipe, end))
        ]

    async def _write(self, pipe: linli.Pipe, end: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        try:
            while piece := await pipe.outgoing(PIECE):
                await loop.sock_sendall(end, piece)
        except linli.LinliError as error:
            self.failed.append(error)
        except OSError:
            pass  # the other end is gone
        finally:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_WR)

    async def _read(self, pipe: linli.Pipe, end: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        try:
            while piece := await loop.sock_recv(end, PIECE):
                await pipe.receive(piece)
        except linli.LinliError as error:
            self.failed.append(error)
        except OSError:
            pass

    async def until(self, ready, seconds: float) -> bool:
        """Waits until both ends are so, or it is over."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not all(task.done() for task in self._tasks):
            try:
                if all(ready(pipe.state()) for pipe in self.pipes):
                    return True
            except linli.LinliError:
                return False
            await asyncio.sleep(0.005)
        return False

    async def until_in_step(self, seconds: float = 60) -> bool:
        return await self.until(lambda state: state.in_step, seconds)

    async def end(self) -> bool:
        """Says goodbye at both ends and lets go; whether that came to an end."""
        for pipe in self.pipes:
            with contextlib.suppress(linli.LinliError):
                await pipe.close()
        done, open_still = await asyncio.wait(self._tasks, timeout=60)
        for task in open_still:
            task.cancel()
        for pipe in self.pipes:
            pipe.abandon()
        for end in self._sockets:
            end.close()
        return not open_still


async def pump(one: Rig, other: Rig, expected: linli.Peer | None = None) -> Pumped:
    """One dials the other over a pipe of this program."""
    there = expected or linli.Peer.DEVICE(await other.phone.device())
    dialling = await one.phone.dial_pipe(there)
    return Pumped(dialling, await other.phone.accept_pipe())


async def sync(one: Rig, other: Rig, seconds: float = 20, expected: linli.Peer | None = None) -> bool:
    """One conversation, until both say that they are in step; whether they came to it."""
    pumped = await pump(one, other, expected)
    in_step = await pumped.until_in_step(seconds)
    await pumped.end()
    return in_step


async def join(inviter: Rig, newcomer: Rig, name: str) -> dict:
    """The newcomer asks by an invitation, over pipes; the inviting person confirms what both screens show."""
    inviting = await inviter.phone.invite(linli.Offer(role=linli.Role.VOLUNTEER, name=name), [])
    joining = await newcomer.phone.ask(inviting.text())
    pumped = Pumped(await joining.pipe(), await inviter.phone.accept_pipe())
    asked = await settled(joining, (linli.JoiningState.COMPARING, linli.JoiningState.FAILED))
    state = await inviting.state()
    while not isinstance(state, linli.InvitingState.COMPARING):
        state = await inviting.next_state(state)
    await inviting.confirm(state.digits)
    joined = await settled(joining, (linli.JoiningState.JOINED, linli.JoiningState.FAILED))
    await pumped.end()
    # Who has just joined knows nobody yet but by the invitation.
    await sync(newcomer, inviter, expected=joining.peer())
    return {"asked": asked, "shown": state, "joined": joined}


async def settled(joining: linli.Joining, kinds: tuple):
    state = joining.state()
    while not isinstance(state, kinds):
        state = await asyncio.wait_for(joining.next_state(state), 60)
    return state
