"""Child processes that end with us, and what /proc says about them."""
import os
import signal
import subprocess


class Failed(Exception):
    """Something that the report needs did not work; the text says what."""


_children = []


def start(command, **options):
    # A session of their own: Ctrl-C reaches us only, and we stop them in order.
    child = subprocess.Popen(command, start_new_session=True, **options)
    _children.append(child)
    return child


def stop(child, patience_s=20):
    """A child and what it started (its session): asked first, killed when it does not listen."""
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGTERM)
        try:
            child.wait(patience_s)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
    if child in _children:
        _children.remove(child)


def stop_all():
    for child in list(reversed(_children)):
        stop(child)


def run(command, timeout_s, **options):
    """Standard output of a command that must succeed."""
    child = start(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
    try:
        out, err = child.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired as late:
        raise Failed(f"{' '.join(command[:3])} … took longer than {timeout_s:.0f} s") from late
    finally:
        stop(child, 2)
    if child.returncode != 0:
        raise Failed(f"{' '.join(command[:4])} … ended with {child.returncode}: {err.strip()[-600:]}")
    return out


def _read(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def memory_mb(pid, field):
    """VmRSS (now) or VmHWM (highest) in MB (10^6 bytes)."""
    for line in _read(f"/proc/{pid}/status").splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) * 1024 / 1e6
    raise Failed(f"the server (pid {pid}) is gone")


def thread_seconds(pid):
    """CPU seconds by the threads' names."""
    seconds = {}
    for task in os.listdir(f"/proc/{pid}/task"):
        name = _read(f"/proc/{pid}/task/{task}/comm").strip()
        spent = _read(f"/proc/{pid}/task/{task}/schedstat").split()
        if name and spent:
            seconds[name] = seconds.get(name, 0) + int(spent[0]) / 1e9
    return seconds
