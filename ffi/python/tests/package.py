#!/usr/bin/env python3
"""What the package adds to the engine, its README, and the example that reports a day."""

import asyncio
import contextlib
import csv
import importlib.util
import io
import json
import os
import re
import stat
import subprocess
import sys
import tempfile
import time
import unittest
import unittest.mock
from pathlib import Path

import linli
from linli import LinliError, NewOrder, OrderFilter, OrderState, OrderWay, OrderCommand, Urgency, new_command_id

REPO = Path(__file__).resolve().parents[3]


def grocery(room: int) -> OrderCommand:
    order = NewOrder(building="3", room=str(room), kind="grocery", note="x", urgency=Urgency.NORMAL, way=OrderWay.APP)
    return OrderCommand.POST(order)


class Package(unittest.IsolatedAsyncioTestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.home = Path(directory.name) / "home"
        self.secrets = linli.FileSecrets(self.home / "secrets")

    async def test_pages_go_on_until_nothing_is_left(self) -> None:
        async with linli.opened(self.home, self.secrets) as phone:
            await phone.found(None)
            for room in range(5):
                await phone.submit_order(new_command_id(), grocery(101 + room))
            few = OrderFilter(state=OrderState.OPEN, limit=2)

            rooms = [line.card.room async for line in linli.pages(phone.board, few)]
            events = [line.code async for line in linli.pages(phone.log, limit=3)]

        self.assertEqual(rooms, ["101", "102", "103", "104", "105"])
        self.assertEqual(events.count("posted"), 5)

    @unittest.skipUnless(os.environ.get("LINLI_TOOLS"), "LINLI_TOOLS names no example of Rust")
    def test_what_is_declared_in_python_and_in_rust_is_the_same_thing(self) -> None:
        at = self.home.parent

        def run(whose: str, *said: str) -> str:
            program = [os.environ["LINLI_TOOLS"]] if whose == "lan" else [sys.executable, REPO / "examples/tools/tools.py"]
            done = subprocess.run([*program, at / whose, *said], capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)
            return done.stdout.strip()

        def carry(whose: str, to: str) -> None:
            run(whose, "export", str(at / "card"))
            run(to, "import", str(at / "card"))

        run("lan", "found")
        run("wu", "join", run("lan", "admit", run("wu", "record")))
        run("lan", "shelve", "drill")
        carry("lan", "wu")
        run("wu", "lend", "drill", "Friday")
        run("wu", "shelve", "ladder")
        carry("wu", "lan")

        self.assertEqual(run("lan", "list"), "ladder here\ndrill away")
        self.assertEqual(run("wu", "list"), run("lan", "list"))

    async def test_what_is_declared_is_there_after_a_recovery_and_among_the_codes(self) -> None:
        tool = (REPO / "examples/tools/tool.json").read_text()
        async with linli.opened(self.home, self.secrets, [tool]) as phone:
            await phone.found(None)
            deed = json.dumps({"kind": "shelved", "fields": {"name": "drill"}})
            await phone.submit_declared(new_command_id(), "tool", deed)

        recovered = await linli.recover_home(str(self.home), self.secrets, [tool])

        self.assertGreater(recovered.events, 0)
        async with linli.opened(self.home, self.secrets, [tool]) as phone:
            (line,) = json.loads(await phone.declared("tool"))["items"]
            self.assertEqual(line["fields"], {"name": "drill"})
        codes = [(line.family, line.code) for line in linli.codes([tool])]
        self.assertLessEqual({("status.tool", "away"), ("event.tool", "lent"), ("event.order", "claimed")}, set(codes))
        with self.assertRaises(LinliError.InvalidInput):
            linli.codes(["no declaration"])

    async def test_a_place_in_a_list_that_is_none_is_a_slip_of_the_caller(self) -> None:
        async with linli.opened(self.home, self.secrets) as phone:
            await phone.found(None)
            for _ in range(2):
                await phone.submit_order(new_command_id(), grocery(101))
            of_the_board = (await phone.board(OrderFilter(state=OrderState.OPEN, limit=1))).next
            for made_up in ["page 2", "{}", of_the_board]:
                with self.assertRaises(LinliError.InvalidInput) as refused:
                    await phone.log(made_up, 1)
                self.assertEqual(refused.exception.field, "after", made_up)

    async def test_news_come_and_end_with_the_phone(self) -> None:
        phone = await linli.Phone.open(str(self.home), self.secrets)
        await phone.found(None)
        heard: list = []
        listening = asyncio.create_task(self.collect(phone, heard))
        await asyncio.sleep(0)  # it subscribes in its first step
        posted = (await phone.submit_order(new_command_id(), grocery(101))).aggregate
        await asyncio.wait_for(self.told(posted, heard), 60)
        await phone.close()

        await asyncio.wait_for(listening, 60)

    async def test_news_are_heard_from_the_call_on(self) -> None:
        async with linli.opened(self.home, self.secrets) as phone:
            await phone.found(None)
            news = linli.news(phone)
            posted = (await phone.submit_order(new_command_id(), grocery(101))).aggregate

            async def first() -> str:
                return await anext(update.aggregate async for update in news if isinstance(update, linli.Update.CHANGED))

            self.assertEqual(await asyncio.wait_for(first(), 60), posted)

    async def test_news_that_nobody_waited_for_end_when_they_are_closed(self) -> None:
        async with linli.opened(self.home, self.secrets) as phone:
            await phone.found(None)
            news = linli.news(phone)
            posted = await phone.submit_order(new_command_id(), grocery(101))

            await news.aclose()

            self.assertEqual(len(posted.events), 1)
            self.assertEqual([update async for update in news], [])

    async def told(self, order: str, heard: list) -> None:
        while order not in [update.aggregate for update in heard if isinstance(update, linli.Update.CHANGED)]:
            await asyncio.sleep(0.01)

    async def collect(self, phone, heard: list) -> None:
        async for update in linli.news(phone):
            heard.append(update)

    async def test_what_only_a_newer_app_reads_is_heard_of_and_told_with_its_author(self) -> None:
        async with linli.opened(self.home, self.secrets) as phone:
            await phone.found(None)
            self.assertEqual(await phone.needs_newer_app(), [])
            updates = phone.updates()

            await phone.provoke_newer()

            while not isinstance(await asyncio.wait_for(updates.next_update(), 30), linli.Update.NEWER):
                pass
            (line,) = await phone.needs_newer_app()
            self.assertEqual((line.what, line.protects), (linli.NewerWhat.ALERT, True))
            self.assertEqual(line.device, await phone.device())

    async def test_a_home_opens_with_its_keys_alone(self) -> None:
        async with linli.opened(self.home, self.secrets) as phone:
            community = await phone.found(None)
        async with linli.opened(self.home, linli.FileSecrets(self.home / "secrets")) as phone:
            self.assertEqual(await phone.community(), community)

        with self.assertRaises(LinliError.KeyLost):
            await linli.Phone.open(str(self.home), linli.MemorySecrets())
        for file in (self.home / "secrets").iterdir():
            self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600, file)

    def test_secrets_are_their_owners_alone_though_the_directory_was_open_to_others(self) -> None:
        directory = self.home.parent / "keys"
        directory.mkdir(mode=0o755)
        secret, half, other = directory / b"device".hex(), directory / f"{b'kit'.hex()}.new", directory / "README"
        for file in (secret, half, other):
            file.write_bytes(b"x")
            file.chmod(0o644)

        linli.FileSecrets(directory)

        modes = [stat.S_IMODE(path.stat().st_mode) for path in (directory, secret, half, other)]
        self.assertEqual(modes, [0o700, 0o600, 0o600, 0o644])

    def test_a_secret_is_durable_when_it_is_put_and_gone_for_good_when_it_is_removed(self) -> None:
        directory = self.home.parent / "new" / "keys"
        synced: list = []

        def fsync(descriptor: int) -> None:
            synced.append(Path(os.readlink(f"/proc/self/fd/{descriptor}")))

        with unittest.mock.patch("os.fsync", fsync):
            secrets = linli.FileSecrets(directory)
            self.assertEqual(synced, [directory.parents[1], directory.parent])
            secrets.put("kit", b"words")
            self.assertEqual(synced[2:], [directory / f"{b'kit'.hex()}.new", directory])
            secrets.remove("kit")
            secrets.remove("kit")

        self.assertEqual(synced[4:], [directory])
        self.assertIsNone(secrets.get("kit"))

    async def test_a_home_whose_opening_was_given_up_opens_again(self) -> None:
        async def hold() -> None:
            async with linli.opened(self.home, self.secrets):
                await asyncio.sleep(60)

        for turns in range(50):  # from before it began to when it is open
            holding = asyncio.create_task(hold())
            given_up = time.monotonic() + turns * 0.001
            while time.monotonic() < given_up:
                await asyncio.sleep(0)
            holding.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await holding
            async with linli.opened(self.home, self.secrets) as phone:
                await phone.device()

    async def test_who_stops_listening_before_the_first_news_leaves_nothing_behind(self) -> None:
        async with linli.opened(self.home, self.secrets) as phone:
            await phone.found(None)
            for turns in range(4):
                listening = asyncio.create_task(self.collect(phone, []))
                for _ in range(turns):
                    await asyncio.sleep(0)
                listening.cancel()
                with self.assertRaises(asyncio.CancelledError):
                    await listening
            self.assertTrue(await phone.suspend(30_000))

    async def test_refusals_have_codes_and_all_codes_are_listed(self) -> None:
        async with linli.opened(self.home, self.secrets) as phone:
            await phone.found(None)
            order = (await phone.submit_order(new_command_id(), grocery(101))).aggregate
            await phone.submit_order(new_command_id(), OrderCommand.CLAIM(), order)
            with self.assertRaises(LinliError.Refused) as refused:
                await phone.submit_order(new_command_id(), OrderCommand.CLAIM(), order)

        self.assertEqual(linli.refusal_code(refused.exception), "already_yours")
        self.assertIn(("refusal.order", "already_yours"), [(line.family, line.code) for line in linli.codes()])

    def test_addresses_are_read_as_people_write_them(self) -> None:
        for text in ["3-2-1804", "3号楼2单元1804", "三号楼二单元1804室", "Bldg 3, Unit 2, Room 1804"]:
            address = linli.read_address(text)
            self.assertEqual(linli.address_in_short(address), "3-2-1804", text)
        self.assertEqual(linli.address_in_words(address, linli.AddressLanguage.ZH), "3号楼2单元1804室")
        with self.assertRaises(LinliError.Refused) as refused:
            linli.read_address("大门口")
        self.assertEqual((refused.exception.by, refused.exception.code), ("address", "no_number"))

    async def test_a_catalogue_is_taken_in_once(self) -> None:
        lines = [("布洛芬", "over_the_counter"), ("口罩", "supply"), ("布洛芬", ""), ("", ""), ("维C", "sweets")]
        records = [linli.CatalogueRecord(name=name, _class=class_) for name, class_ in lines]
        async with linli.opened(self.home, self.secrets) as phone:
            await phone.found(None)
            first = await phone.read_catalogue(records)
            for command in first.commands:
                await phone.submit_product(new_command_id(), command)
            again = await phone.read_catalogue(records)

        self.assertEqual((len(first.commands), first.known), (2, ["布洛芬"]))
        self.assertEqual([left.record for left in first.left_out], [3, 4])
        self.assertEqual((again.commands, again.known), ([], ["布洛芬", "口罩", "布洛芬"]))

    def test_the_readme_shows_an_order_on_the_screen(self) -> None:
        text = (REPO / "ffi/python/README.md").read_text()
        (program,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)

        shown = self.run_program("-c", program, cwd=self.home.parent)

        self.assertEqual(shown, "3 ['大米 1 袋'] OPEN\n")

    def test_a_program_that_ends_at_once_ends_in_peace(self) -> None:
        program = (
            "import asyncio, linli, tempfile\n"
            "async def main():\n"
            "    phone = await linli.Phone.open(tempfile.mkdtemp(), linli.MemorySecrets())\n"
            "    await asyncio.gather(*[phone.device() for _ in range(50)])\n"
            "asyncio.run(main())\n"
        )
        for _ in range(3):
            self.assertEqual(self.run_program("-c", program), "")

    async def test_the_report_counts_a_day(self) -> None:
        async with linli.opened(self.home, self.secrets) as phone:
            await phone.found(None)
            for room in range(3):
                await phone.submit_order(new_command_id(), grocery(101 + room))

        text = await asyncio.to_thread(self.run_program, REPO / "examples/report.py", self.home)
        report = list(csv.DictReader(io.StringIO(text)))

        counts = {(line["what"], line["kind"]): int(line["count"]) for line in report}
        self.assertEqual(counts["posted", "order"], 3)
        self.assertEqual(counts["orders_asked_for", "grocery"], 3)

    @unittest.skipUnless(importlib.util.find_spec("matplotlib"), "matplotlib is not installed")
    async def test_the_report_draws_a_chart(self) -> None:
        async with linli.opened(self.home, self.secrets) as phone:
            await phone.found(None)
            await phone.submit_order(new_command_id(), grocery(101))
        chart = self.home.parent / "chart.png"

        await asyncio.to_thread(
            self.run_program, REPO / "examples/report.py", self.home, "--chart", chart, "--lang", "zh"
        )

        self.assertEqual(chart.read_bytes()[:8], b"\x89PNG\r\n\x1a\n")

    def test_the_report_teaches(self) -> None:
        self.assertIn("venv", self.run_program(REPO / "examples/report.py", "--help"))

    def run_program(self, *words, cwd: Path | None = None) -> str:
        package = str(Path(linli.__file__).parents[1])
        done = subprocess.run(
            [sys.executable, *map(str, words)],
            capture_output=True,
            text=True,
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": package},
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        unittest.main(verbosity=2)
