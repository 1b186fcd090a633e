"""The command: arguments, build, measurements, table, document."""
import argparse
import datetime
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile

from . import machine, process, table
from .measure import Measurements, say
from .plan import DEFAULT, LONG, QUICK, Deadline
from .process import Failed
from .profile import profile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
PROGRAMS = {"flawless": "flawless", "flawless_loadgen": "bench/flawless_loadgen",
            "flawless_floors": "bench/flawless_floors"}


def arguments(argv, about):
    parser = argparse.ArgumentParser(prog="bench/report", description=about,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--quick", action="store_const", dest="plan", const=QUICK)
    length.add_argument("--long", action="store_const", dest="plan", const=LONG)
    parser.add_argument("--profile", action="store_true", help="print the server's hottest functions instead")
    parser.add_argument("--build", metavar="DIR", help="a configured build directory (default: build/bench)")
    parser.add_argument("--folder", metavar="DIR", help="where to put the data (default: the system's temporary folder)")
    parser.add_argument("--output", metavar="FILE", help="where to write the document "
                        "(default: docs/benchmarks.md, with --quick nowhere)")
    parser.add_argument("--json", metavar="FILE", help="write every figure of every run")
    parser.set_defaults(plan=DEFAULT)
    return parser.parse_args(argv)


def build(folder):
    """Paths of the programs, up to date."""
    folder = os.path.abspath(folder or os.path.join(ROOT, "build", "bench"))
    say(f"building in {os.path.relpath(folder, ROOT)}")
    if not os.path.exists(os.path.join(folder, "CMakeCache.txt")):
        process.run(["cmake", "--preset", "bench", "-B", folder], 120, cwd=ROOT)
    child = process.start(["cmake", "--build", folder, "--parallel", str(os.cpu_count()), "--target", *PROGRAMS],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT)
    out, _ = child.communicate()
    if child.returncode != 0:
        raise Failed(f"the build failed:\n{out[-3000:]}")
    return {name: os.path.join(folder, path) for name, path in PROGRAMS.items()}


def check_space(folder, gigabytes):
    free = shutil.disk_usage(folder).free / 1e9
    if free < gigabytes:
        raise Failed(f"{gigabytes} GB of disk space are needed at {folder}, {free:.0f} are free; "
                     "choose another with --folder, or --quick")


def document(command, plan, about, results, made):
    today = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    problems = [f"- **void**: {void}" for void in results["voids"]]
    problems += [f"- not measured: {missing}" for missing in results["missing"]]
    lines = ["# Benchmarks", "",
             f"Made by `{command}` on {today}. Server, load generator and disk share one machine. CPU time is the",
             "kernel's count of the server's threads, per event; a floor is what the least program needs for the same",
             "on the same machine in the same minutes; budgets are for 25 KB events sent gzip'd.", ""]
    lines += [f"- {name}: {text}" for name, text in about.items()] + [""]
    if problems:
        lines += ["## Not to be believed, or missing", ""] + problems + [""]
    lines += ["## Measured", "", table.as_markdown(made), "", "## Floors", "", table.floors_markdown(results), "",
              "## What was sent", "", *sent(results), "",
              f"`bench/README.md` explains each figure. Plan: {plan.name}.", ""]
    return "\n".join(lines)


def sent(results):
    for name, label in (("ack", "Sentry envelopes"), ("rollbar", "Rollbar items"), ("small", "small Sentry envelopes")):
        if name in results:
            load = results[name][0]["load"]
            yield (f"- {label}: {load['event_bytes']:,.0f} bytes, {load['wire_bytes']:,.0f} gzip'd, {load['bodies']} "
                   f"different ones in {load['groups']} groups, {load['connections']} connections")


def measure(options, programs, folder, command):
    check_space(folder, options.plan.free_gb)
    about = machine.describe(ROOT, folder)
    results = Measurements(options.plan, Deadline(options.plan.total_s), programs, folder).all()
    made = table.rows(results)
    print(table.as_text(made))
    for void in results["voids"]:
        print(f"VOID: {void}")
    for missing in results["missing"]:
        print(f"not measured: {missing}")
    output = options.output or (None if options.plan is QUICK else os.path.join(ROOT, "docs", "benchmarks.md"))
    if output:
        with open(output, "w", encoding="utf-8") as file:
            file.write(document(command, options.plan, about, results, made))
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({"about": about, "results": results}, file, indent=1)
    missed = [row.metric for row in made if row.ok is False]
    if missed:
        print(f"over budget: {'; '.join(missed)}")
    return 1 if results["voids"] or results["missing"] or missed else 0


def interrupt(*_):
    # Cleaning up is not interrupted again.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def main(argv, about):
    options = arguments(argv, about)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    folder = None
    try:
        programs = build(options.build)
        folder = tempfile.mkdtemp(prefix="flawless-bench-", dir=options.folder)
        if options.profile:
            print(profile(programs, folder))
            return 0
        return measure(options, programs, folder, " ".join(["bench/report", *argv]))
    except Failed as error:
        print(f"bench/report: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("bench/report: interrupted", file=sys.stderr)
        return 130
    finally:
        process.stop_all()
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
