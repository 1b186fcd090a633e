"""Where the server's CPU time goes while it is loaded."""
import os
import shutil
import subprocess
import time

from . import process
from .measure import BIG, say
from .process import Failed
from .server import Server

TOP = 40
SECONDS = 10


def profile(programs, folder):
    """The hottest functions as text."""
    perf = shutil.which("perf")
    if perf is None:
        raise Failed("perf is not installed (Debian: linux-perf)")
    data = os.path.join(folder, "perf.data")
    with Server(programs["flawless"], os.path.join(folder, "profile")) as server:
        load = process.start([programs["flawless_loadgen"], "--url", server.url, "--token", server.post_token,
                              "--project", str(server.project), "--size", str(BIG), "--seconds", str(SECONDS + 6)],
                             stdout=subprocess.DEVNULL)
        time.sleep(3)
        say(f"recording for {SECONDS} s")
        try:
            process.run([perf, "record", "-F", "997", "-p", str(server.pid), "-o", data, "--",
                         "sleep", str(SECONDS)], SECONDS + 20)
        except Failed as error:
            raise Failed(f"perf does not work here: {error}") from error
        finally:
            process.stop(load)
    text = process.run([perf, "report", "--stdio", "-i", data, "--no-children", "--field-separator=|",
                        "--fields=overhead,comm,dso,symbol"], 120)
    hottest = summed(text)
    if not hottest:
        raise Failed("perf recorded nothing: this machine has no counters that it can use")
    return "\n".join(f"{share:6.2f} %  {where}" for where, share in hottest[:TOP])


def summed(text):
    """(thread, library, symbol) with its share, hottest first. Code without symbols counts as one."""
    shares = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if line.startswith("#") or len(cells) < 4 or not cells[0].endswith("%"):
            continue
        symbol = "|".join(cells[3:]).rstrip(" |-")
        if "0x0000" in symbol:
            symbol = "[.] (no symbols)"
        where = f"{cells[1]:<16} {cells[2]:<24} {symbol}"
        shares[where] = shares.get(where, 0) + float(cells[0].rstrip("%"))
    return sorted(shares.items(), key=lambda one: -one[1])
