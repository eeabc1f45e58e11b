#!/usr/bin/env python3
"""The story that all languages run, against ffi/story/expected.json.

    PYTHONPATH=target/python/stage ffi/python/tests/story.py [STEP...]

Needs the package built with `ffi/python/build --hooks --stage`, or a wheel with hooks. With steps named, those before
them are run too, up to the last one named.
"""

import asyncio
import gc
import json
import resource
import sys
import tempfile
import time
from pathlib import Path

import linli
from linli import (
    AlertCommand,
    BoxAskFor,
    BoxRoom,
    BoxTake,
    BoxCommand,
    BuildingCommand,
    DeliveryHow,
    Goods,
    GotItem,
    HouseholdFilter,
    HouseholdCommand,
    LinliError,
    LotPortion,
    NewConsent,
    NewHousehold,
    NewItem,
    NewOrder,
    NewPerson,
    OrderChange,
    OrderFilter,
    OrderState,
    OrderWay,
    OrderCommand,
    ProductClass,
    ProductDetails,
    ProductUnit,
    ProductCommand,
    RecallScope,
    RecallCommand,
    ReviewFilter,
    Scalar,
    Urgency,
    new_command_id,
)
from rig import Rig, join, pump, sync

CONTACT = "张阿姨 13812345678"


def code(value) -> str | None:
    """An enum as its code: `over_the_counter`."""
    return None if value is None else value.name.lower()


def kind(value) -> str:
    """A variant with fields as its code: `expired`."""
    return type(value).__name__.rpartition(".")[2].lower()


def snake(name: str) -> str:
    return "".join(
        f"_{letter.lower()}" if letter.isupper() and at else letter.lower() for at, letter in enumerate(name)
    )


def said(error: LinliError) -> str:
    """A refusal by its code, a warning with `!`, all else by its variant's name."""
    if isinstance(error, LinliError.Refused):
        return error.code + ("!" if error.warning else "")
    return snake(type(error).__name__)


async def refusal(call) -> str:
    try:
        await call
    except LinliError as error:
        return said(error)
    return "done"


def simple_order(room: str, **rest) -> OrderCommand:
    order = NewOrder(building="3", room=room, kind="grocery", urgency=Urgency.NORMAL, way=OrderWay.APP, **rest)
    return OrderCommand.POST(order)


class Story:
    """Two phones and what happened to them so far."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.wu, self.mei = Rig("Wu", directory), Rig("Mei", directory)

    async def name_of(self, member: str | None) -> str | None:
        if member is None:
            return None
        return "Wu" if member == await self.wu.phone.member() else "Mei" if member == self.mei_member else "?"

    async def review(self, of: Rig) -> list[str]:
        page = await of.phone.review_queue(ReviewFilter(aggregate=self.order))
        return [item.code for item in page.items]

    # The steps, in the order of the story.

    async def found(self) -> dict:
        before = await (await self.wu.open()).member()
        await self.wu.phone.found(None)
        (me,) = await self.wu.phone.members()
        return {
            "members": 1,
            "role": code(me.role),
            "board": len(await self.wu.board()),
            "member_before_founding": before,
        }

    async def join(self) -> dict:
        await self.mei.open()
        joined = await join(self.wu, self.mei, "Mei")
        self.mei_member = await self.mei.phone.member()
        (mei,) = [line for line in await self.wu.phone.members() if not line.me]
        digits = joined["asked"].digits
        return {
            "digits_length": len(digits),
            "digits_equal": digits == joined["shown"].digits,
            "community_equal": joined["joined"].community == await self.wu.phone.community(),
            "members": len(await self.mei.phone.members()),
            "role_of_mei": code(mei.role),
            "name_of_mei": mei.name,
            "hash_equal": await self.wu.hash() == await self.mei.hash(),
        }

    async def setup(self) -> dict:
        await self.wu.phone.submit_building(new_command_id(), BuildingCommand.LIST(label="3号楼"))
        units = [
            ProductUnit(unit="box", contains=2, of="strip"),
            ProductUnit(unit="strip", contains=12, of="tablet"),
            ProductUnit(unit="tablet"),
        ]
        details = ProductDetails(name="布洛芬", generic="ibuprofen", form="tablet", units=units)
        listed = ProductCommand.LIST(details, ProductClass.OVER_THE_COUNTER)
        self.product = (await self.wu.phone.submit_product(new_command_id(), listed)).aggregate
        await sync(self.wu, self.mei)
        products = [product async for product in linli.pages(self.mei.phone.products)]
        return {
            "buildings": [building.label for building in await self.mei.phone.buildings()],
            "products": [product.name for product in products],
            "class": code(products[0]._class),
            "today_length": len(await self.mei.phone.today()),
        }

    async def post(self) -> dict:
        order = NewOrder(
            building="3",
            unit="2",
            room="1804",
            kind="medicine",
            urgency=Urgency.NORMAL,
            way=OrderWay.PHONE,
            asked_by="张阿姨",
            contact=CONTACT,
            note="每天1片",
            items=[NewItem(name="布洛芬", qty="2", unit="盒")],
        )
        same = new_command_id()
        first = await self.mei.phone.submit_order(same, OrderCommand.POST(order))
        again = await self.mei.phone.submit_order(same, OrderCommand.POST(order))
        self.order = first.aggregate
        await sync(self.mei, self.wu)
        lines = await self.wu.board()
        card = lines[0].card
        detail = await self.wu.phone.order(self.order)
        return {
            "events": len(first.events),
            "same_aggregate": first.aggregate == again.aggregate,
            "board": len(lines),
            "status": code(card.status),
            "items": card.items,
            "contact": card.contact,
            "holder": card.holder,
            "urgency": code(card.urgency),
            "found_by_search": len((await self.wu.phone.search("布洛芬 1804")).items),
            "way": code(detail.view.way),
        }

    async def merge(self) -> dict:
        def put(field, value):
            return OrderChange.PUT(field, value)

        text = Scalar.TEXT
        wus = [put("note", text("每天2片")), put("urgency", text("urgent"))]
        meis = [put("note", text("每天3片")), put("needed_by", Scalar.INT(1893456000000))]
        await self.wu.order(OrderCommand.EDIT(wus), self.order)
        await self.mei.order(OrderCommand.EDIT(meis), self.order)
        await sync(self.wu, self.mei)
        merged = await self.wu.phone.order(self.order)
        review = await self.review(self.wu)
        await self.wu.order(OrderCommand.CHOOSE("note", text("每天2片")), self.order)
        await sync(self.wu, self.mei)
        chosen = await self.mei.phone.order(self.order)
        return {
            "notes": sorted(value[0] for value in merged.view.fields["note"]),
            "urgency": code(merged.line.card.urgency),
            "needed_by": merged.line.card.needed_by,
            "review": review,
            "notes_after": [value[0] for value in chosen.view.fields["note"]],
            "review_after": await self.review(self.mei),
        }

    async def contested(self) -> dict:
        await self.wu.order(OrderCommand.CLAIM(), self.order)
        await self.mei.order(OrderCommand.CLAIM(), self.order)
        await sync(self.wu, self.mei)
        wus, meis = [(await rig.phone.order(self.order)).line.card for rig in (self.wu, self.mei)]
        review = await self.review(self.mei)
        await self.wu.order(OrderCommand.RESOLVE(self.mei_member), self.order)
        await sync(self.wu, self.mei)
        after = (await self.mei.phone.order(self.order)).line.card
        round = await self.mei.phone.my_round()
        return {
            "status": code(meis.status),
            "contested": wus.contested and meis.contested,
            "contenders": len(meis.contenders),
            "same_holder": wus.holder == meis.holder,
            "review": review,
            "holder_after": await self.name_of(after.holder),
            "contested_after": after.contested,
            "claim_again": await refusal(self.mei.order(OrderCommand.CLAIM(), self.order)),
            "contact": (await self.mei.phone.contact(self.order)).contact,
            "round_stops": len(round.stops),
            "round_to_buy": [f"{carry.name} {carry.qty} {carry.unit}" for carry in round.to_buy],
        }

    async def deliver(self) -> dict:
        (item,) = (await self.mei.phone.order(self.order)).view.items
        await self.mei.order(OrderCommand.PURCHASE(cost_cents=3960, got=[GotItem(item=item.id, qty="2")]), self.order)
        await self.mei.order(OrderCommand.DELIVER(DeliveryHow.HANDED_OVER), self.order)
        await sync(self.wu, self.mei)
        cancel = await refusal(self.wu.order(OrderCommand.CANCEL(), self.order))
        again = await refusal(self.wu.order(OrderCommand.DELIVER(DeliveryHow.LEFT_AT_DOOR), self.order))
        await self.wu.order(OrderCommand.DELIVER(DeliveryHow.LEFT_AT_DOOR, already_happened=True), self.order)
        await sync(self.wu, self.mei)
        detail = await self.mei.phone.order(self.order)
        return {
            "status": code(detail.line.card.status),
            "owed": detail.view.money.owed,
            "cancel": cancel,
            "deliver_again": again,
            "delivered_twice": detail.view.delivered_twice,
            "review": await self.review(self.mei),
            "open_board": len(await self.mei.board()),
            "closed_board": len(await self.mei.board(OrderState.CLOSED)),
            "history": [told.code for told in await self.mei.phone.history(self.order)],
        }

    async def box(self) -> dict:
        self.box_at_gate = (await self.wu.box(BoxCommand.OPEN(building="3", place="门岗"))).aggregate
        goods = Goods(product=self.product, batch="A1", expiry="2030-12-31", unit="box")
        lot = (await self.wu.box(BoxCommand.DONATE(goods, "2"), self.box_at_gate)).events[0]
        await self.wu.box(BoxCommand.SPLIT(lot=lot, qty="1", into_unit="tablet", into_qty="24"), self.box_at_gate)
        await sync(self.wu, self.mei)
        room = BoxRoom(building="3", unit="2", room="1804")
        take = BoxCommand.TAKE(BoxTake.PRODUCT(self.product, "6.5", "tablet"), room=room)
        await self.mei.box(take, self.box_at_gate)
        lots = (await self.mei.phone.box_detail(self.box_at_gate)).lots
        (tablets,) = [one.lot for one in lots if one.goods.unit == "tablet"]
        await self.mei.box(BoxCommand.COUNT([LotPortion(lot=tablets, qty="17")]), self.box_at_gate)
        await sync(self.wu, self.mei)
        detail = await self.wu.phone.box_detail(self.box_at_gate)
        offer = await self.wu.phone.offer(self.box_at_gate, BoxAskFor(product=self.product, qty="10", unit="tablet"))
        much = BoxCommand.TAKE(BoxTake.PRODUCT(self.product, "100", "tablet"))
        balance = detail.balance
        return {
            "lots": len(detail.lots),
            "stock": sorted(one.qty for one in detail.lots),
            "donated": balance.donated,
            "split_out": balance.split_out,
            "split_in": balance.split_in,
            "taken": balance.taken,
            "adjusted": balance.adjusted,
            "balance_stock": balance.stock,
            "holds": (await self.wu.phone.ledger_totals()).holds,
            "running_is_stock": all(one.ledger[-1].running == one.qty for one in detail.lots),
            "offered": [pick.qty for pick in offer.picks],
            "missing": offer.missing,
            "too_much": await refusal(self.wu.box(much, self.box_at_gate)),
            "boxes": [line.place for line in await self.wu.phone.boxes()],
        }

    async def recall(self) -> dict:
        raise_it = RecallCommand.RAISE(self.product, RecallScope.BATCHES(["A1"]), reason="杂质", issuer="药监局")
        recall = (await self.wu.phone.submit_recall(new_command_id(), raise_it)).aggregate
        await asyncio.sleep(0.01)  # what is donated in the same millisecond is not later
        goods = Goods(product=self.product, batch="A1", expiry="2030-12-31", unit="box")
        await self.wu.box(BoxCommand.DONATE(goods, "1"), self.box_at_gate)
        await sync(self.wu, self.mei)
        detail = await self.mei.phone.recall(recall)
        offer = await self.mei.phone.offer(self.box_at_gate, BoxAskFor(product=self.product, qty="10", unit="tablet"))
        touched = detail.touched
        return {
            "stands": detail.stands,
            "boxes": len(touched.boxes),
            "lots": len(touched.lots),
            "later": sum(one.later for one in touched.lots),
            "takes": len(touched.takes),
            "take_room": touched.takes[0].room.room,
            "picks": len(offer.picks),
            "missing": offer.missing,
            "hidden": [kind(hidden.why) for hidden in offer.hidden],
            "raise_as_mei": await refusal(self.mei.phone.submit_recall(new_command_id(), raise_it)),
        }

    async def alert(self) -> dict:
        call = AlertCommand.RAISE("心口疼得厉害", building="3", room="1804")
        alert = (await self.mei.phone.submit_alert(new_command_id(), call)).aggregate
        await sync(self.mei, self.wu)
        (line,) = await self.wu.phone.alerts()
        on_top = await self.wu.phone.alerts_on_top()
        await self.wu.phone.submit_alert(new_command_id(), AlertCommand.ACKNOWLEDGE(), alert)
        on_top_after = await self.wu.phone.alerts_on_top()
        await sync(self.wu, self.mei)
        after = (await self.mei.phone.alert(alert)).line
        nothing = self.mei.phone.submit_alert(new_command_id(), AlertCommand.RAISE(""))
        return {
            "alerts": 1,
            "escalation": code(line.escalation),
            "status": code(after.card.status),
            "escalation_after": code(after.escalation),
            "on_top": len(on_top),
            "what": on_top[0].line.card.what,
            "text": on_top[0].text,
            "number": on_top[0].emergency_number,
            "on_top_after": len(on_top_after),
            "nothing": await refusal(nothing),
        }

    async def care(self) -> dict:
        without = await refusal(self.mei.phone.households(HouseholdFilter()))
        before = len((await self.wu.phone.households(HouseholdFilter())).items)
        household = NewHousehold(
            building="3",
            unit="2",
            room="1804",
            people=[NewPerson(name="张阿姨")],
            consent=NewConsent(purpose="每日探访"),
        )
        await self.wu.phone.submit_household(new_command_id(), HouseholdCommand.REGISTER(household))
        await self.wu.phone.grant(new_command_id(), await self.mei.phone.device(), linli.Grant.CARE())
        await sync(self.wu, self.mei)
        await sync(self.wu, self.mei)
        page = await self.mei.phone.households(HouseholdFilter())
        return {
            "without_grant": without,
            "of_the_founder": before,
            "with_grant": len(page.items),
            "people": page.items[0].card.people,
            "agreed": page.items[0].agreed,
        }

    async def bundle(self) -> dict:
        command = simple_order("301", items=[NewItem(name="大米", qty="1", unit="袋")])
        await self.wu.order(command)
        file = self.directory / "all.linli"
        await self.wu.phone.export_bundle(str(file), linli.BundleContent.ALL())
        first = await self.mei.phone.import_bundle(str(file))
        again = await self.mei.phone.import_bundle(str(file))
        return {
            "new": first.fresh,
            "ending": code(first.ending),
            "new_again": again.fresh,
            "board": len(await self.mei.board()),
            "hash_equal": await self.wu.hash() == await self.mei.hash(),
        }

    async def live(self) -> dict:
        updates = self.mei.phone.updates()
        pumped = await pump(self.wu, self.mei)
        await pumped.until_in_step()
        posted = (await self.wu.order(simple_order("302", note="鸡蛋"))).aggregate
        changed = await asyncio.wait_for(self.changed(updates, posted), 60)
        on_board = any(line.order == posted for line in await self.mei.board())
        return {"kind": changed.kind, "on_board": on_board, "closed": await pumped.end()}

    async def changed(self, updates, aggregate: str):
        while update := await updates.next_update():
            if isinstance(update, linli.Update.CHANGED) and aggregate in (None, update.aggregate):
                return update
        raise AssertionError("the updates ended")

    async def cancel(self) -> dict:
        updates = self.mei.phone.updates()

        async def listening() -> None:
            # What is late of the step before is passed over.
            while await updates.next_update() is not None:
                pass

        waiting = asyncio.create_task(listening())
        await asyncio.sleep(0.2)
        waiting.cancel()
        done = await asyncio.gather(waiting, return_exceptions=True)
        posted = (await self.mei.order(simple_order("303", note="油"))).aggregate
        update = await asyncio.wait_for(self.changed(updates, posted), 60)
        return {
            "cancelled": isinstance(done[0], asyncio.CancelledError),
            "next_kind": update.kind,
            "board": len(await self.mei.board()),
        }

    async def concurrent(self) -> dict:
        calls = [self.mei.order(simple_order(str(401 + nth), note="米")) for nth in range(50)]
        receipts = await asyncio.gather(*calls)
        return {"distinct": len({receipt.aggregate for receipt in receipts}), "board": len(await self.mei.board())}

    async def suspend(self) -> dict:
        asleep = await self.mei.phone.suspend(30_000)
        while_suspended = await refusal(self.mei.phone.board(OrderFilter(state=OrderState.OPEN)))
        # Nobody holds the home any more: another phone object can open it, and lets go of it again.
        other = await linli.Phone.open(self.mei.home, self.mei.secrets)
        await other.close()
        await self.mei.phone.resume()
        board = len(await self.mei.board())
        await self.mei.phone.resume()
        return {"while_suspended": while_suspended, "lock_free": asleep, "board": board}

    async def panic(self) -> dict:
        before = await self.mei.hash()
        panic = await refusal(self.mei.phone.provoke_panic())
        afterwards = await refusal(self.mei.phone.board(OrderFilter(state=OrderState.OPEN)))
        await self.mei.phone.close()
        await self.mei.open()
        return {
            "panic": panic,
            "afterwards": afterwards,
            "board": len(await self.mei.board()),
            "hash_kept": before == await self.mei.hash(),
        }

    async def errors(self) -> dict:
        self.gu, self.he = Rig("Gu", self.directory), Rig("He", self.directory)
        await self.gu.open()
        await self.he.open()
        provoked = Provoked(self)
        missed = []
        made, others = linli.story_errors(False), linli.story_errors(True)
        for variant in made + others:
            kind = getattr(LinliError, variant)
            try:
                if variant in made:
                    fields = kind.__init__.__code__.co_argcount - 1
                    raise kind(*["constructed"] * fields)
                await getattr(provoked, snake(variant))()
                missed.append(f"{variant}: nothing was thrown")
            except kind:
                pass
            except LinliError as other:
                missed.append(f"{variant}: {other!r}")
        known = {name for name, value in vars(LinliError).items() if isinstance(value, type)}
        missed += sorted(known - {*made, *others})
        return {"variants": len(made) + len(others), "missed": missed}

    async def withdraw(self) -> dict:
        await sync(self.wu, self.mei)
        device = await self.mei.phone.device()
        who = linli.Revocation(who=linli.Who.DEVICE(device))
        await self.wu.phone.revoke(new_command_id(), who)
        in_step = await sync(self.mei, self.wu, 10)
        file = self.directory / "after.linli"
        await self.wu.phone.export_bundle(str(file), linli.BundleContent.ALL())
        await self.mei.phone.import_bundle(str(file))
        left = [line for line in await self.wu.phone.members() if not line.withdrawn]
        return {
            "members_left": len(left),
            "in_step": in_step,
            "post": await refusal(self.mei.order(simple_order("304", note="盐"))),
        }

    async def memory(self) -> dict:
        async def calls(times: int) -> None:
            one = OrderFilter(state=OrderState.OPEN, limit=1)
            for nth in range(times):
                if nth % 3 == 0:
                    await self.wu.phone.board(one)
                elif nth % 3 == 1:
                    await refusal(self.wu.phone.order("00000000000000000000000000000000-0-00000000000000000000000000000000"))
                else:
                    await self.wu.phone.member()

        stretch, stretches = 10_000, 10
        await calls(stretch)
        gc.collect()
        seen = [resident_kib()]
        for _ in range(stretches):
            await calls(stretch)
            gc.collect()
            seen.append(resident_kib())
        # An allocator takes more now and then: what is lost with a call is lost in every stretch.
        least = max(0, min(after - before for before, after in zip(seen, seen[1:])))
        return {"calls": stretch * stretches, "growth_at_most_kib": least * stretches}


class Unavailable(linli.SecretStore):
    """A keystore that does not answer."""

    def get(self, name):
        raise linli.SecretError.Unavailable("locked")

    def put(self, name, secret):
        raise linli.SecretError.Unavailable("locked")

    def remove(self, name):
        raise linli.SecretError.Unavailable("locked")


class Provoked:
    """One way to each error that an app can come by."""

    def __init__(self, story: Story) -> None:
        self.story, self.wu, self.mei, self.gu, self.he = story, story.wu, story.mei, story.gu, story.he
        self.at = story.directory

    async def order_of(self, room: str) -> str:
        (order,) = [line.order for line in await self.mei.board() if line.card.room == room]
        return order

    async def refused(self):
        await self.mei.order(OrderCommand.CLAIM(), self.story.order)

    async def not_allowed(self):
        command = RecallCommand.RAISE(self.story.product, RecallScope.ALL())
        await self.mei.phone.submit_recall(new_command_id(), command)

    async def not_a_member(self):
        await self.gu.order(simple_order("1", note="x"))

    async def already_a_member(self):
        await self.wu.phone.found(None)

    async def not_found(self):
        await self.wu.phone.order("00000000000000000000000000000000-0-00000000000000000000000000000000")

    async def contact_hidden(self):
        await self.mei.phone.contact(await self.order_of("301"))

    async def command_id_reused(self):
        same, order = new_command_id(), await self.order_of("301")
        for text in ("one", "other"):
            await self.wu.phone.submit_order(same, OrderCommand.COMMENT(text), order)

    async def too_large(self):
        await self.wu.order(simple_order("1", items=[NewItem(name=letter * 8000) for letter in "abcde"]))

    async def invalid_input(self):
        await self.wu.phone.order("x")

    async def home_in_use(self):
        await linli.Phone.open(self.wu.home, self.wu.secrets)

    async def foreign_home(self):
        home = self.at / "foreign"
        home.mkdir()
        (home / "linli.db").write_text("this is no database" * 1000)
        await linli.Phone.open(str(home), linli.MemorySecrets())

    async def secrets_unavailable(self):
        await linli.Phone.open(str(self.at / "locked"), Unavailable())

    async def key_lost(self):
        await self.gu.phone.close()
        await linli.Phone.open(self.gu.home, linli.MemorySecrets())

    async def storage(self):
        (self.at / "file").touch()
        await linli.Phone.open(str(self.at / "file" / "home"), linli.MemorySecrets())

    async def file(self):
        await self.wu.phone.export_bundle(str(self.at / "nowhere" / "bundle"), linli.BundleContent.ALL())

    async def not_a_bundle(self):
        (self.at / "text").write_text("no bundle")
        await self.wu.phone.import_bundle(str(self.at / "text"))

    async def other_community(self):
        await self.he.phone.found(None)
        await self.he.phone.export_bundle(str(self.at / "other"), linli.BundleContent.ALL())
        await self.wu.phone.import_bundle(str(self.at / "other"))

    async def wrong_digits(self):
        self.inviting = await self.wu.phone.invite(linli.Offer(role=linli.Role.VOLUNTEER), [])
        await self.inviting.confirm("000000")

    async def invitation_over(self):
        await self.inviting.cancel()
        await self.inviting.confirm("000000")

    async def cannot_listen(self):
        await self.wu.phone.start_node(linli.NodeOptions(listen="192.0.2.1:9", nearby=False))

    async def connection(self):
        pipe = await self.wu.phone.accept_pipe()
        await pipe.receive(b"\xff" * 64)

    async def cancelled(self):
        work = linli.Work()
        work.cancel()
        await self.wu.phone.export_bundle(str(self.at / "cancelled"), linli.BundleContent.ALL(), work)

    async def suspended(self):
        await self.he.phone.suspend(30_000)
        await self.he.board()

    async def closed(self):
        await self.he.phone.close()
        await self.he.board()

    async def broken(self):
        await self.gu.open()
        await refusal(self.gu.phone.provoke_panic())
        await self.gu.board()


def resident_kib() -> int:
    """What of this process is in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() // 1024


async def run(names: list[str]) -> int:
    wrong = []
    with tempfile.TemporaryDirectory(prefix="linli-story-") as directory:
        story = Story(Path(directory))
        for step in linli.story_steps(names):
            began = time.monotonic()
            seen = await getattr(story, step)()
            found = linli.story_differences(step, json.dumps(seen))
            measured = "".join(f"   {key}: {value}" for key, value in seen.items() if "_at_most" in key)
            took = f"{time.monotonic() - began:7.2f} s"
            print(f"{'wrong' if found else 'ok':6}{step:12}{took}{measured}", flush=True)
            for line in found:
                print(line, file=sys.stderr)
            wrong += found
        for rig in (story.wu, story.mei):
            await rig.phone.close()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(run(sys.argv[1:])))
