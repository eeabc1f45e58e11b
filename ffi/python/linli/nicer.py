"""What makes the engine feel at home in Python: `async with`, `async for`."""

import copy
import os
from types import TracebackType
from typing import Any, AsyncIterator, Awaitable, Callable, Iterable, List, Optional, Type, Union

from .linli_ffi import LinliError, Phone, SecretStore, Updates


class Opened:
    """A phone that closes at the end of an `async with`."""

    def __init__(self, home: str, secrets: SecretStore, declarations: List[str]) -> None:
        self._home, self._secrets, self._declarations = home, secrets, declarations
        self._phone: Optional[Phone] = None

    async def __aenter__(self) -> Phone:
        self._phone = await Phone.open(self._home, self._secrets, self._declarations)
        return self._phone

    async def __aexit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        if self._phone is not None:
            await self._phone.close()


def opened(home: Union[str, os.PathLike], secrets: SecretStore, declarations: Iterable[str] = ()) -> Opened:
    """`async with linli.opened("home", secrets) as phone:` opens a home, and lets go of it at the end.

    `declarations` are aggregates of the app's own, each as JSON; see `ffi/README.md`.
    """
    return Opened(os.fspath(home), secrets, list(declarations))


async def pages(ask: Callable[..., Awaitable[Any]], filter: Any = None, **question: Any) -> AsyncIterator[Any]:
    """All items of a question that is answered in pages, as they are wanted.

    With a filter, as `phone.board` and `phone.review_queue` take one, or with the question's own arguments:

        async for line in pages(phone.board, OrderFilter(state=OrderState.OPEN)): ...
        async for product in pages(phone.products, text="ibuprofen"): ...
    """
    after = None
    while True:
        if filter is None:
            page = await ask(**question, after=after)
        else:
            part = copy.copy(filter)
            part.after = after
            page = await ask(part)
        for item in page.items:
            yield item
        after = page.next
        if after is None:
            return


def news(phone: Phone) -> "News":
    """News for the screen from this call on, until the phone is closed.

    async for update in news(phone):
        if isinstance(update, Update.CHANGED): ...
    """
    # Not when it is first waited for: what happens between would be heard by nobody.
    return News(phone.updates())


class News:
    """What a phone tells. It can be closed before anybody waited for it: a generator that never began has no end to run."""

    def __init__(self, updates: Updates):
        self._updates = updates

    def __aiter__(self) -> AsyncIterator[Any]:
        return self

    async def __anext__(self) -> Any:
        update = await self._updates.next_update()
        if update is None:
            raise StopAsyncIteration
        return update

    async def aclose(self) -> None:
        """Ends it: whoever waits hears of the end, and so does whoever begins to."""
        self._updates.close()


def refusal_code(error: BaseException) -> Optional[str]:
    """The code of a refusal, such as `held_by`; none for any other error."""
    return error.code if isinstance(error, LinliError.Refused) else None
