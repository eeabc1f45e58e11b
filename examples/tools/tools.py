#!/usr/bin/env python3
"""Tools that neighbours lend each other: an aggregate that is declared as data, in tool.json. main.rs founds."""

import asyncio
import json
import sys
from pathlib import Path

import linli

HELP = "tools.py HOME record|join WELCOME|shelve NAME|lend NAME UNTIL|export FILE|import FILE|list"
TOOL = (Path(__file__).parent / "tool.json").read_text()


async def run(home: str, what: str, *given: str) -> None:
    async with linli.opened(home, linli.FileSecrets(Path(home) / "secrets"), [TOOL]) as phone:
        command = linli.new_command_id()  # an app keeps it until the command is done
        match what, *given:
            case ["record"]:
                print(await phone.record())
            case ["join", welcome]:
                await phone.join(welcome)
            case ["shelve", name]:
                await phone.submit_declared(command, "tool", json.dumps({"kind": "shelved", "fields": {"name": name}}))
            case ["lend", name, until]:
                found = json.loads(await phone.declared("tool", text=name))["items"]
                deed = json.dumps({"kind": "lent", "says": {"until": until}})
                await phone.submit_declared(command, "tool", deed, found[0]["aggregate"])
            case ["export", file]:
                Path(file).unlink(missing_ok=True)
                Path(file).touch(mode=0o600)
                Path(file).write_bytes(await phone.export_bundle_bytes(linli.BundleContent.ALL()))
            case ["import", file]:
                await phone.import_bundle_bytes(Path(file).read_bytes())
            case ["list"]:
                for line in json.loads(await phone.declared("tool"))["items"]:
                    print(linli.clean_line(line["fields"]["name"]), line["status"])
            case _:
                raise SystemExit(HELP)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        raise SystemExit(HELP)
    asyncio.run(run(*sys.argv[1:]))
