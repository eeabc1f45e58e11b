#!/usr/bin/env python3
"""A day's counts of one community: as CSV, and as a chart."""

import argparse
import asyncio
import csv
import datetime
import logging
import sys
from collections import Counter
from pathlib import Path

HELP = """
Opens the home of a phone, as `cargo run --example phone` or a program of your own keeps one, and counts what happened
on one local day: how often what was done (orders posted, claimed, delivered; medicine taken; alerts raised), and how
many orders of each kind were asked for and brought. Counts only: no name, no address, no text leaves the phone.

Days are those of the community's settings. What day something happened on is what its author's clock said.

examples:
  report.py ~/linli                                  today, as CSV on the screen
  report.py ~/linli --day 2026-11-22 > monday.csv    another day, into a file
  report.py ~/linli --chart today.png --lang zh      and a chart, labelled in Chinese (.png, .svg or .pdf)

The home must not be open elsewhere. Needs the wheel of linli (ffi/python/build makes it); a chart needs matplotlib:
  python3 -m venv venv && venv/bin/pip install target/python/linli-*.whl matplotlib
"""

# Fonts with Chinese characters, as systems come with them.
FONTS = ["Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", "WenQuanYi Zen Hei", "DejaVu Sans"]
# The sentences of all samples.
TABLE = Path(__file__).parent / "words/words.tsv"


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=HELP, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("home", type=Path, help="the phone's directory")
    parser.add_argument("--day", type=datetime.date.fromisoformat, help="such as 2026-11-22; today without it")
    parser.add_argument("--secrets", type=Path, help="where the phone's keys are; HOME/secrets without it")
    parser.add_argument(
        "--chart", type=Path, metavar="FILE", help="draw the orders of the day, by kind, into this file"
    )
    parser.add_argument("--lang", choices=["en", "zh"], default="en", help="language of the chart")
    return parser.parse_args()


class Day:
    """One local day of a community, and whether a time lies in it."""

    def __init__(self, date, utc_offset_minutes):
        zone = datetime.timezone(datetime.timedelta(minutes=utc_offset_minutes))
        begin = datetime.datetime.combine(date, datetime.time(), zone)
        self.date = date
        self.begin, self.end = (int((begin + datetime.timedelta(days=n)).timestamp() * 1000) for n in (0, 1))

    def has(self, wall_ms):
        return wall_ms is not None and self.begin <= wall_ms < self.end


async def count(phone, linli, day):
    """What was done on a day, by type and code; orders asked for and brought, by kind."""
    done, asked, brought = Counter(), Counter(), Counter()
    async for line in linli.pages(phone.log):
        if line.held is None and line.code is not None and day.has(line.wall):
            done[line.kind, line.code] += 1
    everything = linli.OrderFilter(state=linli.OrderState.ALL)
    there = (linli.OrderStatus.DELIVERED, linli.OrderStatus.CONFIRMED)
    async for line in linli.pages(phone.board, everything):
        if day.has(line.card.opened):
            asked[linli.clean_line(line.card.kind)] += 1
        if line.card.status in there and day.has(line.card.ended):
            brought[linli.clean_line(line.card.kind)] += 1
    return done, asked, brought


def write_csv(out, day, done, asked, brought):
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["day", "what", "kind", "count"])
    for (kind, code), number in sorted(done.items()):
        table.writerow([day.date, code, kind, number])
    for what, counts in (("orders_asked_for", asked), ("orders_brought", brought)):
        for kind, number in sorted(counts.items()):
            table.writerow([day.date, what, kind, number])


def draw(file, day, names, asked, brought, words):
    try:
        import matplotlib
    except ModuleNotFoundError:
        sys.exit("report.py: a chart needs matplotlib: pip install matplotlib")
    matplotlib.use("agg")
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # a font that lacks a weight will do
    matplotlib.rcParams["font.sans-serif"] = FONTS
    from matplotlib import pyplot

    kinds = sorted(asked | brought, key=lambda kind: (-asked[kind], kind))
    figure, axes = pyplot.subplots(figsize=(8, 1.2 + 0.5 * max(len(kinds), 1)), layout="constrained")
    places = range(len(kinds))
    for beside, label, counts, color in [
        (-0.2, words.say("report.asked"), asked, "#c9ced6"),
        (0.2, words.say("report.brought"), brought, "#2f6f4f"),
    ]:
        axes.barh([at + beside for at in places], [counts[kind] for kind in kinds], 0.4, label=label, color=color)
    axes.set_yticks(list(places), [names.get(kind, kind) for kind in kinds])
    axes.invert_yaxis()
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.set_title(words.say("report.title", {"day": str(day.date)}))
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.savefig(file, dpi=150)


async def report(linli, options):
    secrets = linli.FileSecrets(options.secrets or options.home / "secrets")
    async with linli.opened(options.home, secrets) as phone:
        settings = await phone.settings()
        date = options.day or datetime.date.fromisoformat(await phone.today())
        day = Day(date, settings.utc_offset_minutes)
        done, asked, brought = await count(phone, linli, day)
    write_csv(sys.stdout, day, done, asked, brought)
    if options.chart:
        names = {term.code: getattr(term, options.lang) for term in settings.order_kinds}
        words = linli.Words(TABLE.read_text("utf-8"), options.lang)
        draw(options.chart, day, names, asked, brought, words)


def main():
    options = arguments()
    try:
        import linli
    except ModuleNotFoundError:
        sys.exit("report.py: the package linli is not installed; see report.py --help")
    if not (options.home / "linli.db").exists():
        sys.exit(f"report.py: {options.home} is no phone's home")
    try:
        asyncio.run(report(linli, options))
    except linli.LinliError.HomeInUse:
        sys.exit("report.py: the home is open elsewhere; close that first")
    except linli.LinliError as error:
        sys.exit(f"report.py: {error!r}")


if __name__ == "__main__":
    main()
