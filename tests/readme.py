"""What the README shows of the tool, made anew.

`python tests/readme.py` writes it into README.md: the table of rules, and below each command what
it prints. The code blocks of a section whose first line is `# name` are the files that its commands
see; without such blocks they run in the checkout.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from fences import Block, blocks

from flask_gotchas import docs

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
RULES = re.compile(r"(?<=<!-- rules -->\n).*?(?=<!-- /rules -->)", re.DOTALL)
FILE = re.compile(r"# ([\w./-]+)\n")
TOOLS = {"flask-gotchas": "flask_gotchas", "flake8": "flake8"}


def rendered(readme: str) -> str:
    """Give the README with the table and the outputs that are right now."""
    readme = RULES.sub(lambda _: f"{docs.rules_table()}\n", readme)
    lines = readme.split("\n")
    done: list[str] = []
    copied = 0
    with tempfile.TemporaryDirectory() as temporary:
        last = None
        for block in blocks(readme):
            folder = Path(temporary, re.sub(r"\W+", "-", block.heading))
            if file := FILE.match(block.text):
                path = folder / file[1]
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(block.text, encoding="utf-8")
            new = _rendered(block, last, folder if folder.is_dir() else ROOT)
            done += [*lines[copied : block.start], *new.split("\n")[:-1]]
            copied = block.end
            last = block
    return "\n".join(done + lines[copied:])


def _rendered(block: Block, last: Block | None, folder: Path) -> str:
    """Give the text of a block: a console, or the output of the command in the block before."""
    if block.language == "console":
        commands = [line for line in block.text.split("\n") if line.startswith("$ ")]
        return "".join(f"{line}\n{run(line[2:], folder)}" for line in commands)
    if block.language == "text" and last is not None and last.language == "sh":
        return run(last.text.strip().rpartition(" && .venv/bin/")[2], folder)
    return block.text


def run(command: str, folder: Path) -> str:
    """Run a command of the README and give all that it prints."""
    tool, *arguments = shlex.split(command)
    done = subprocess.run(
        [sys.executable, "-m", TOOLS[tool], *arguments],
        check=False,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=120,
    )
    return done.stdout


if __name__ == "__main__":
    README.write_text(rendered(README.read_text(encoding="utf-8")), encoding="utf-8")
