"""Run the proofs on every line of Flask that the rules speak of.

`python tests/proofs/matrix.py` takes them all, `python tests/proofs/matrix.py 2.2 3.1` these. Each
gets a virtual environment with the Werkzeug of its day; `--venvs DIR` keeps them for the next time.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LINES = {
    "2.2": ("flask>=2.2,<2.3", "werkzeug>=2.2,<2.3"),
    "2.3": ("flask>=2.3,<3", "werkzeug>=2.3,<3"),
    "3.0": ("flask>=3.0,<3.1", "werkzeug>=3.0,<3.1"),
    "3.1": ("flask>=3.1,<3.2", "werkzeug>=3.1"),
}
VERSIONS = """
import platform
from importlib.metadata import version
found = version("flask"), version("werkzeug"), platform.python_version()
print("Flask {}, Werkzeug {}, Python {}".format(*found))
"""


def main() -> int:
    """Run the proofs on the chosen lines; 1 if any of them fails."""
    parser = argparse.ArgumentParser(description="Run the proofs on several versions of Flask.")
    parser.add_argument("lines", nargs="*", metavar="LINE", help=f"of {', '.join(LINES)}")
    parser.add_argument("--venvs", type=Path, metavar="DIR", help="keep the environments here")
    chosen = parser.parse_args()
    unknown = [line for line in chosen.lines if line not in LINES]
    if unknown:
        parser.error(f"no proofs for Flask {', '.join(unknown)}, choose from {', '.join(LINES)}")
    with tempfile.TemporaryDirectory() as temporary:
        venvs = chosen.venvs or Path(temporary)
        passed = [prove(line, venvs / f"flask-{line}") for line in chosen.lines or LINES]
    return 0 if all(passed) else 1


def prove(line: str, folder: Path) -> bool:
    """Run the proofs on one line of Flask, in a new environment or one that is there already."""
    if not (folder / "pyvenv.cfg").is_file():
        venv.create(folder, with_pip=True)
    python = folder.resolve() / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    # An installed pytest plugin or setting of this project would need more packages.
    pytest = ("pytest", "-q", "-o", "addopts=", "-W", "ignore", "-p", "no:cacheprovider")
    install = ("pip", "install", "-q", "--disable-pip-version-check", *LINES[line], "pytest")
    for module in ((*install, "-e", str(ROOT)), (*pytest, "tests/proofs")):
        done = run(python, "-m", *module)
        if done.returncode:
            print(done.stdout, done.stderr, sep="\n", flush=True)
            print(f"Flask {line}: FAILED", flush=True)
            return False
    versions = run(python, "-c", VERSIONS).stdout.strip()
    print(f"{versions}: {done.stdout.splitlines()[-1]}", flush=True)
    return True


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command in the checkout."""
    return subprocess.run(command, check=False, cwd=ROOT, capture_output=True, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
