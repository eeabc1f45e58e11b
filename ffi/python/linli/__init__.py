"""Linli 邻里 for Python: the same engine as on neighbours' phones.

Everything of the engine is here as it is: one `Phone`, commands as enums, views as records, every failure a
`LinliError`. All calls are `async`. What this package adds is small: a phone that closes by itself (`opened`), pages
and news to iterate over (`pages`, `news`), and two keystores for programs that have none of their own.

    async with linli.opened("home", linli.FileSecrets("keys")) as phone:
        async for line in linli.pages(phone.board, linli.OrderFilter(state=linli.OrderState.OPEN)):
            print(linli.clean_line(f"{line.card.building} {line.card.items}"))
"""

from . import leaving
from .linli_ffi import *  # noqa: F403  what the engine has
from .nicer import News, Opened, news, opened, pages, refusal_code
from .secrets import FileSecrets, MemorySecrets

leaving.at_exit()
