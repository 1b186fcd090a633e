"""Two servers under load in turn, so that a machine that changes its speed changes it for both."""
import argparse
import os
import statistics
import sys
import tempfile

from . import process
from .load import Generator
from .plan import Deadline, OutOfTime
from .process import Failed
from .server import Server

LOADGEN = os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../build/bench/bench/flawless_loadgen")
FIGURES = {"accept_us": "to acknowledge", "digest_us": "to digest", "total_us": "in all"}


def main(words, usage):
    parser = argparse.ArgumentParser(usage=usage)
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("--size", type=int, default=25_000)
    parser.add_argument("--slices", type=int, default=16)
    options = parser.parse_args(words)
    generator = Generator(LOADGEN, Deadline(30 + 6 * options.slices))
    try:
        with tempfile.TemporaryDirectory() as folder:
            pairs = measure(generator, [options.old, options.new], folder, options)
    except (Failed, OutOfTime, OSError) as error:
        print(f"bench/compare: {error}", file=sys.stderr)
        return 1
    finally:
        process.stop_all()
    for name, what in FIGURES.items():
        print(row(what, [(old[name], new[name]) for old, new in pairs]))
    for void in generator.voids:
        print(f"void: {void}")
    return 1 if generator.voids else 0


def measure(generator, binaries, folder, options):
    """[(old's run, new's run), …]; who begins alternates, and the first pair only warms up."""
    pairs = []
    with Server(binaries[0], os.path.join(folder, "old")) as old, Server(binaries[1], os.path.join(folder, "new")) as new:
        for at in range(options.slices + 1):
            order = [old, new] if at % 2 else [new, old]
            runs = {server: generator.run(server, f"slice {at}", size=options.size, seconds=1, seed=at + 1)
                    for server in order}
            pairs.append((runs[old], runs[new]))
    return pairs[1:]


def row(what, pairs):
    ratios = [new / old for old, new in pairs]
    low, _, high = statistics.quantiles(ratios, n=4)
    old, new = (statistics.median(side) for side in zip(*pairs))
    return f"{what:15} {old:7.1f} -> {new:7.1f} us   x {statistics.median(ratios):.3f} ({low:.3f}-{high:.3f})"
