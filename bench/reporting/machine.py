"""Where and of what the figures were made."""
import os
import platform
import subprocess


def _first(path, prefix):
    try:
        with open(path, encoding="utf-8") as file:
            for line in file:
                if line.startswith(prefix):
                    return line.split(":" if ":" in line else "=", 1)[1].strip().strip('"')
    except OSError:
        pass
    return "?"


def _output(*command, cwd=None):
    try:
        return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=20, check=False).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return "?"


def describe(root, folder):
    memory = _first("/proc/meminfo", "MemTotal").split()[0]
    return {
        "processor": f"{os.cpu_count()} × {_first('/proc/cpuinfo', 'model name')}",
        "memory": f"{int(memory) / 1024 / 1024:.0f} GiB" if memory.isdigit() else "?",
        "system": f"{_first('/etc/os-release', 'PRETTY_NAME')}, Linux {platform.release()}",
        "file system": _output("stat", "-f", "-c", "%T", folder),
        "compiler": _output("c++", "--version").splitlines()[0],
        "load before": "%.1f (one minute)" % os.getloadavg()[0],
        "commit": commit(root),
    }


def commit(root):
    name = _output("git", "rev-parse", "--short=12", "HEAD", cwd=root)
    changed = _output("git", "status", "--porcelain", "--untracked-files=no", "--", "src", "bench", "cmake", cwd=root)
    return name + (" with changes that are not committed" if changed else "")
