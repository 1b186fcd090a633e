"""Runs the real binary as a command, and writes configuration files for it."""
import os
import stat
import subprocess

import harness


def flawless(*words, cwd=None, env=None, text=None):
    # The caller's own FLAWLESS_… variables would change what is tested.
    clean = {k: v for k, v in os.environ.items() if not k.startswith("FLAWLESS_")}
    return subprocess.run([harness.binary(), *words], cwd=cwd, env={**clean, **(env or {})}, input=text,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def config(tmp_path, more="", data_dir="data"):
    """A configuration file in tmp_path, of which only the owner knows."""
    path = tmp_path / "flawless.cfg"
    path.write_text(f'[flawless]\ndata_dir = "{data_dir}"\n[http]\nport = 0\n' + more)
    path.chmod(0o600)
    return path
