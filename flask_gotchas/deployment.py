"""What production starts, read from the deployment files of a project.

A Procfile, a Dockerfile or a systemd unit says which file is started and by what, and that decides
whether `app.run(debug=True)` is a habit for one's own machine or a hole in a server. Everything
here errs on the side of silence: a command that is conditional, computed or unknown is left out.
All work is bounded, because these files come with code that nobody has vouched for.
"""

from __future__ import annotations

import itertools
import os
import posixpath
import re
import shlex
import sys
from typing import TYPE_CHECKING, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

MOST_ENTRIES = 5_000
DEEPEST_FOLDER = 3
LARGEST_FILE = 1_000_000
MOST_TEXT = 8 * LARGEST_FILE
MOST_COMMANDS = 2_000
MOST_LOOKUPS = 20_000
MOST_WORDS = 300
MOST_ITEMS = 300
LONGEST_PATH = 1_000
LONGEST_COMMAND = 120
LONGEST_VALUE = 10_000
DEEPEST_NESTING = 6


class Start(msgspec.Struct, frozen=True):
    """A command of a deployment file which starts a Python program or a server.

    `file` is relative to the project root with forward slashes and `line` is 1-based. `target` is
    the file that the command names, relative to the root: always there for `python app.py`, never
    for `python -m`, and for other runners only when they are given a path that exists. `module`
    and `attribute` are the two halves of `pkg.mod:app`. `debug` tells that Flask's debug mode or
    its debugger is switched on by the command or its environment; `host` is the address which the
    command names.
    """

    file: str
    line: int
    command: str
    runner: str
    target: str | None = None
    module: str | None = None
    attribute: str | None = None
    debug: bool = False
    host: str | None = None


def find_starts(root: str) -> tuple[Start, ...]:
    """Find what the deployment files below a project folder start in production.

    Takes the path of the folder and gives the starts sorted by file and line. Files for
    development and testing do not count. Whatever cannot be read or understood is passed over.
    """
    project = _Project(root)
    starts: set[Start] = set()
    for path in project.paths():
        reader = _reader_of(path)
        if reader is None:
            continue
        text = project.read(path)
        if text is not None:
            starts.update(reader(project, path, text))
    return tuple(sorted(starts, key=_order))


def starts_file(starts: Iterable[Start], relpath: str, module: str) -> Start | None:
    """Give the first start that runs a file as a program with `python`, or None.

    Takes the path of the file relative to the project root with forward slashes, and its dotted
    name. `python -m pkg` runs `pkg/__main__.py` and not `pkg/__init__.py`.
    """
    modules = {module, module.removesuffix(".__main__")}
    if posixpath.basename(relpath) == "__init__.py":
        modules = set()
    for start in starts:
        if start.runner == "python" and (start.target == relpath or start.module in modules):
            return start
    return None


def _order(start: Start) -> tuple[str, int, str, str, str, str]:
    return (
        start.file,
        start.line,
        start.command,
        start.runner,
        f"{start.target}\0{start.module}\0{start.attribute}",
        f"{start.debug}\0{start.host}",
    )


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# The project on disk


_SKIPPED_FOLDERS = frozenset(
    {"node_modules", "venv", "env", "virtualenv", "site-packages", "__pycache__"}
)
_HIDDEN_DEPLOYMENT_FOLDERS = frozenset(
    {".platform", ".ebextensions", ".deploy", ".deployment", ".docker"}
)
_DEVELOPMENT_WORDS = _names(
    "dev devel develop development devcontainer local localhost test tests testing debug override"
    " ci"
)
_DISUSED_WORDS = _names("example sample template bak backup old orig disabled")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")


def _words_of_name(name: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(name)}


def _is_development(name: str) -> bool:
    return not _DEVELOPMENT_WORDS.isdisjoint(_words_of_name(name))


class _Project:
    """Reads below one folder until the budget of entries, text and commands is used up."""

    def __init__(self, root: str) -> None:
        self.root = root or os.curdir
        self.text_left = MOST_TEXT
        self.commands_left = MOST_COMMANDS
        self._lookups_left = MOST_LOOKUPS

    def paths(self) -> Iterator[str]:
        """Give the files by depth, so that a huge subfolder cannot hide the top-level files."""
        entries_left = MOST_ENTRIES
        level = [""]
        for _ in range(DEEPEST_FOLDER + 1):
            deeper: list[str] = []
            for folder in level:
                try:
                    with os.scandir(self._on_disk(folder)) as entries:
                        found = sorted(
                            itertools.islice(entries, entries_left), key=lambda entry: entry.name
                        )
                except OSError:
                    continue
                entries_left -= len(found)
                if folder and any(entry.name == "pyvenv.cfg" for entry in found):
                    continue
                for entry in found:
                    path = posixpath.join(folder, entry.name)
                    if not path.isprintable():
                        continue
                    try:
                        is_folder = entry.is_dir(follow_symlinks=False)
                        is_file = entry.is_file()
                    except OSError:
                        continue
                    if is_folder and self._is_searched(entry.name):
                        deeper.append(path)
                    elif is_file:
                        yield path
            level = deeper

    @staticmethod
    def _is_searched(name: str) -> bool:
        if name.startswith("."):
            return name in _HIDDEN_DEPLOYMENT_FOLDERS
        return name not in _SKIPPED_FOLDERS and not _is_development(name)

    def read(self, path: str) -> str | None:
        if self.text_left <= 0:
            return None
        try:
            with open(self._on_disk(path), "rb") as file:
                content = file.read(LARGEST_FILE + 1)
        except (OSError, ValueError):
            return None
        self.text_left -= len(content)
        if len(content) > LARGEST_FILE:
            return None
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            return None
        return text.replace("\r\n", "\n")

    def has_file(self, path: str) -> bool:
        self._lookups_left -= 1
        return (
            self._lookups_left >= 0 and path.isprintable() and os.path.isfile(self._on_disk(path))
        )

    def has_folder(self, path: str) -> bool:
        self._lookups_left -= 1
        return self._lookups_left >= 0 and os.path.isdir(self._on_disk(path))

    def _on_disk(self, path: str) -> str:
        return os.path.join(self.root, *path.split("/"))


# Where a command runs


# A working folder that is not known: no file is ever looked for below it.
_LOST = "$"


def _join(folder: str, path: str) -> str:
    joined = posixpath.normpath(posixpath.join(folder, path))
    if len(joined) > LONGEST_PATH:
        return _LOST
    return joined[1:] if joined.startswith("//") else joined


def _below(path: str, folder: str) -> str | None:
    """Give the rest of a path below a folder, "" for the folder itself, None when outside."""
    if folder in {"", "."}:
        return None if path.startswith("/") else path
    if path == folder:
        return ""
    folder = folder if folder.endswith("/") else f"{folder}/"
    return path[len(folder) :] if path.startswith(folder) else None


def _in_project(path: str) -> str | None:
    """Normalise a path relative to the root; None when it leads out of the project."""
    if path.startswith("/"):
        return None
    path = posixpath.normpath(path) if path else "."
    if path == ".":
        return ""
    return None if path == ".." or path.startswith("../") else path


class _Mount(NamedTuple):
    """A file or folder of the project which production finds at another path."""

    at: str
    source: str


class _Place(NamedTuple):
    """How the paths of a command lead to files of the project.

    `bases` are the project folders that relative paths may start from. `workdir` is the working
    folder on the machine or in the container. Without mounts, that folder is taken to be a base
    or the folder of the same name in it.
    """

    bases: tuple[str, ...]
    workdir: str = ""
    mounts: tuple[_Mount, ...] = ()

    def moved(self, folder: str) -> _Place:
        if self.workdir == _LOST and not folder.startswith("/"):
            return self
        return self._replace(workdir=_join(self.workdir, folder))

    def lost(self) -> _Place:
        """Be in a folder that is not known: only absolute paths can be followed from there."""
        return self._replace(workdir=_LOST)

    def find(self, project: _Project, path: str) -> str | None:
        """Give the file of the project behind a path, or None unless there is exactly that."""
        if not path or any(mark in path for mark in "$`*?"):
            return None
        full = _join(self.workdir, path)
        for candidate in self._candidates(project, full):
            inside = _in_project(candidate)
            if inside and project.has_file(inside):
                return inside
        return None

    def _candidates(self, project: _Project, full: str) -> Iterator[str]:
        has_mounted_folder = False
        for mount in reversed(self.mounts):
            rest = _below(full, mount.at)
            for base in self.bases:
                source = _in_project(posixpath.join(base, mount.source))
                if source is None:
                    continue
                has_mounted_folder = has_mounted_folder or project.has_folder(source)
                if rest == "" or (rest and rest == posixpath.basename(source)):
                    yield source
                if rest:
                    yield posixpath.join(source, rest)
        if has_mounted_folder:
            return
        if not full.startswith("/"):
            for base in self.bases:
                yield posixpath.join(base, full)
            return
        rest = _below(full, self.workdir) if self.workdir.startswith("/") else None
        if not rest:
            return
        parts = [part for part in self.workdir.split("/") if part][-4:]
        for base in self.bases:
            for first in range(len(parts) + 1):
                yield posixpath.join(base, *parts[first:], rest)


def _beside(path: str, *more: str) -> tuple[str, ...]:
    """Give the folders that the paths in a deployment file may be relative to."""
    return tuple(dict.fromkeys((*more, posixpath.dirname(path), "")))


class _Scene(NamedTuple):
    """All that surrounds a command: where it is written and where and how it would run."""

    project: _Project
    file: str
    line: int
    place: _Place
    env: Mapping[str, str]
    text: str = ""
    in_script: bool = False
    nesting: int = 0

    def start(
        self,
        runner: str,
        *,
        target: str | None = None,
        module: str | None = None,
        attribute: str | None = None,
        debug: bool | None = None,
        host: str | None = None,
    ) -> Start:
        return Start(
            file=self.file,
            line=self.line,
            command=_shown(self.text),
            runner=runner,
            target=target,
            module=module,
            attribute=attribute,
            debug=self.env_debug if debug is None else debug,
            host=host,
        )

    @property
    def env_debug(self) -> bool:
        value = self.env.get("FLASK_DEBUG", "").lower()
        return "$" not in value and value not in {"", "0", "false", "no"}

    def find(self, path: str) -> str | None:
        return self.place.find(self.project, path)


def _shown(text: str) -> str:
    clean = "".join(character if character.isprintable() else " " for character in text)
    clean = " ".join(clean.split())
    if len(clean) > LONGEST_COMMAND:
        return clean[: LONGEST_COMMAND - 3].rstrip() + "..."
    return clean


# Commands as words


_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)\Z", re.DOTALL)
_PYTHON = re.compile(r"(?:python|pypy)[0-9.]*t?\Z")
_SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh", "ksh"})
_PYTHON_FLAGS = frozenset("bBdEiIOPqRsSuvx")
_NO_PROGRAMS = frozenset({"pip", "pytest", "coverage", "build", "setuptools", "virtualenv"})


class _Wrapper(NamedTuple):
    """A program that starts the command which follows its own arguments."""

    subcommand: str = ""
    valued: frozenset[str] = frozenset()
    operands: int = 0
    after_dashes: bool = False
    runs_scripts: bool = False


_WRAPPERS: dict[str, _Wrapper] = {
    **dict.fromkeys(
        _names(
            "nohup setsid command time catchsegv eatmydata authbind catatonit with-contenv setpriv"
            " ddtrace-run elasticapm-run splunk-py-trace"
        ),
        _Wrapper(),
    ),
    **dict.fromkeys(_names("gosu su-exec s6-setuidgid"), _Wrapper(operands=1)),
    **dict.fromkeys(
        _names(
            "wait-for-it wait-for-it.sh wait-for wait-for.sh wait_for_it.sh doppler infisical"
            " chamber op aws-vault"
        ),
        _Wrapper(after_dashes=True),
    ),
    **dict.fromkeys(
        _names("conda mamba micromamba"),
        _Wrapper("run", _names("-n --name -p --prefix --cwd")),
    ),
    "exec": _Wrapper(valued=_names("-a")),
    "env": _Wrapper(valued=_names("-u --unset")),
    "sudo": _Wrapper(valued=_names("-u -g -h -p -C -r -t -T -U --user --group --host --prompt")),
    "nice": _Wrapper(valued=_names("-n --adjustment")),
    "ionice": _Wrapper(valued=_names("-c -n --class --classdata")),
    "chpst": _Wrapper(valued=_names("-u -U -e -/ -n -l -L -m -d -o -p -f -c")),
    "timeout": _Wrapper(valued=_names("-k -s --kill-after --signal"), operands=1),
    "stdbuf": _Wrapper(valued=_names("-i -o -e --input --output --error")),
    "tini": _Wrapper(valued=_names("-p -e")),
    "dumb-init": _Wrapper(valued=_names("-r --rewrite")),
    "dockerize": _Wrapper(
        valued=_names(
            "-wait -timeout -template -stdout -stderr -wait-http-header -wait-retry-interval"
        )
    ),
    "newrelic-admin": _Wrapper("run-program"),
    "opentelemetry-instrument": _Wrapper(
        valued=_names(
            "--traces_exporter --metrics_exporter --logs_exporter --service_name --id_generator"
            " --propagators --resource_attributes --exporter_otlp_endpoint"
        )
    ),
    "poetry": _Wrapper("run", _names("-C --directory -P --project")),
    "pipenv": _Wrapper("run", _names("--python")),
    "pdm": _Wrapper("run", _names("-p --project --venv -c --config"), runs_scripts=True),
    "rye": _Wrapper("run", _names("--pyproject")),
    "hatch": _Wrapper("run", _names("-e --env -p --project")),
    "uv": _Wrapper(
        "run",
        _names(
            "--extra --no-extra --group --no-group --only-group --with --with-editable"
            " --with-requirements --env-file --python -p --package --project --directory"
            " --config-file --cache-dir --index --default-index --index-url -i"
        ),
        runs_scripts=True,
    ),
}
_WRAPPERS["tini-static"] = _WRAPPERS["tini"]


def _unwrapped(wrapper: _Wrapper, words: list[str]) -> list[str]:
    """Give the words of the command that a wrapper starts; none when there is no telling."""
    if wrapper.after_dashes:
        return words[words.index("--") + 1 :] if "--" in words else []
    operands = [wrapper.subcommand] if wrapper.subcommand else []
    operands += [""] * wrapper.operands
    at = 0
    while at < len(words):
        word = words[at]
        if word == "--":
            return words[at + 1 :] if not operands else []
        if wrapper.runs_scripts and not operands and word in {"-m", "--module", "-s", "--script"}:
            return ["python", *(["-m"] if "m" in word else []), *words[at + 1 :]]
        if len(word) > 1 and word.startswith("-"):
            at += 2 if word in wrapper.valued else 1
            continue
        if operands:
            if operands.pop(0) not in {"", word}:
                return []
            at += 1
            continue
        if wrapper.runs_scripts and word.endswith(".py"):
            return ["python", *words[at:]]
        return words[at:]
    return []


def _innermost(words: list[str], env: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    """Give the words of a command without its wrappers and assignments, and its environment."""
    env = dict(env)
    while words:
        assignment = _ASSIGNMENT.match(words[0])
        if assignment:
            env[assignment[1]] = assignment[2]
            words = words[1:]
            continue
        wrapper = _WRAPPERS.get(posixpath.basename(words[0]))
        if wrapper is None:
            break
        words = _unwrapped(wrapper, words[1:])
    return words, env


def _command(words: Sequence[str], scene: _Scene) -> list[Start]:
    """Give what one command starts: nothing unless it is sure."""
    scene.project.commands_left -= 1
    if scene.project.commands_left < 0 or scene.nesting > DEEPEST_NESTING:
        return []
    left = list(words[:MOST_WORDS])
    if not scene.text:
        scene = scene._replace(text=" ".join(left))
    left, env = _innermost(left, scene.env)
    if not left:
        return []
    program, arguments = left[0], left[1:]
    name = posixpath.basename(program)
    scene = scene._replace(env=env, nesting=scene.nesting + 1)
    if name in _SHELLS:
        return _shell_program(arguments, scene)
    if _PYTHON.match(name):
        start = _python(arguments, scene)
    elif name in _RUNNERS:
        start = _RUNNERS[name](arguments, scene)
    else:
        return _executable(program, arguments, scene)
    return [start] if start else []


def _executable(program: str, arguments: list[str], scene: _Scene) -> list[Start]:
    """Read a script of the project that is started by its own name."""
    if "/" in program:
        path = scene.find(program)
    else:
        folders = scene.env.get("PATH", "").split(":")[:20]
        folders += ["/usr/local/bin", "/usr/local/sbin", "/usr/bin", "/bin"]
        found = (scene.find(f"{folder}/{program}") for folder in folders if folder[:1] == "/")
        path = next(filter(None, found), None)
    if path is None:
        return []
    text = scene.project.read(path) or ""
    shebang = text.partition("\n")[0] if text.startswith("#!") else ""
    interpreters = {posixpath.basename(word) for word in shebang[2:].split()}
    if any(_PYTHON.match(word) for word in interpreters):
        return [scene.start("python", target=path)]
    if interpreters & _SHELLS or (not shebang and path.endswith(".sh")):
        return _script(text, path, arguments, scene)
    return []


def _shell_program(words: list[str], scene: _Scene) -> list[Start]:
    """Read `sh -c "..."` and `sh script.sh`."""
    is_text = False
    at = 0
    while at < len(words) and words[at][:1] in {"-", "+"}:
        option = words[at]
        at += 1
        if option in {"-", "--"}:
            break
        if option.startswith("--"):
            at += option in {"--rcfile", "--init-file"}
            continue
        if "s" in option:
            return []
        is_text = is_text or "c" in option
        at += option.count("o") + option.count("O")
    operands = words[at:]
    if not operands:
        return []
    if is_text:
        return _shell(operands[0], scene, operands[2:])
    path = scene.find(operands[0])
    text = scene.project.read(path) if path else None
    return _script(text, path, operands[1:], scene) if path and text is not None else []


def _script(text: str, path: str, arguments: list[str], scene: _Scene) -> list[Start]:
    if scene.in_script:
        return []
    return _shell(text, scene, arguments, script=path)


def _python(words: list[str], scene: _Scene) -> Start | None:
    at = 0
    while at < len(words) and words[at].startswith("-"):
        word = words[at]
        at += 1
        if word == "--":
            break
        if word.startswith("--"):
            if word.partition("=")[0] != "--check-hash-based-pycs":
                return None
            at += "=" not in word
            continue
        for position, letter in enumerate(word[1:], start=2):
            if letter == "m":
                rest = [word[position:]] if word[position:] else []
                return _python_module([*rest, *words[at:]], scene)
            if letter in "WX":
                at += not word[position:]
                break
            if letter not in _PYTHON_FLAGS:
                return None
        if word == "-":
            return None
    if at >= len(words):
        return None
    script = words[at]
    target = scene.find(script) or scene.find(posixpath.join(script, "__main__.py"))
    return scene.start("python", target=target) if target else None


def _python_module(words: list[str], scene: _Scene) -> Start | None:
    if not words:
        return None
    module, arguments = words[0], words[1:]
    runner = _MODULE_RUNNERS.get(module)
    if runner:
        return runner(arguments, scene)
    top = module.partition(".")[0]
    if not _MODULE.match(module) or top in sys.stdlib_module_names or top in _NO_PROGRAMS:
        return None
    return scene.start("python", module=module)


# Servers


_MODULE = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*\Z")
_HOST = re.compile(r"[A-Za-z0-9_.:%*-]+\Z")


class _Arguments(NamedTuple):
    options: list[tuple[str, str]]
    operands: list[str]

    def get(self, *names: str) -> str | None:
        return next((value for name, value in self.options if name in names), None)

    def has(self, name: str) -> bool:
        return self.get(name) is not None


def _arguments(words: list[str], takes_value: Callable[[str], bool]) -> _Arguments:
    options: list[tuple[str, str]] = []
    operands: list[str] = []
    left = iter(words)
    for word in left:
        if word == "--":
            operands += left
        elif word.startswith("--"):
            name, equals, value = word.partition("=")
            if not equals and takes_value(name):
                value = next(left, "")
            options.append((name, value))
        elif len(word) > 1 and word.startswith("-"):
            name, value = word[:2], word[2:]
            if takes_value(name):
                options.append((name, value.removeprefix("=") if value else next(left, "")))
            else:
                options += [(f"-{letter}", "") for letter in word[1:]]
        else:
            operands.append(word)
    return _Arguments(options, operands)


def _application(reference: str | None) -> tuple[str | None, str | None]:
    """Split `pkg.mod:app` into module and attribute."""
    module, _, attribute = (reference or "").partition(":")
    if not _MODULE.match(module):
        return None, None
    return module, _attribute(attribute)


def _attribute(text: str | None) -> str | None:
    if not text or "$" in text or not text.isprintable() or len(text) > LONGEST_COMMAND:
        return None
    return text


def _called(attribute: str | None) -> str | None:
    return f"{attribute}()" if attribute else None


def _host(address: str | None) -> str | None:
    """Give the host of `host`, `host:port` or `[host]:port`."""
    if not address or address.startswith(("unix:", "fd:")):
        return None
    address = address.rpartition("://")[2]
    if address.startswith("["):
        host = address[1:].partition("]")[0]
    elif address.count(":") > 1 and "$" not in address:
        host = address
    else:
        host = address.partition(":")[0]
    return host if _HOST.match(host) and not host.isdigit() else None


def _is_flag(flags: frozenset[str]) -> Callable[[str], bool]:
    return lambda name: name not in flags and not name.startswith("--no-")


def _server(runner: str, flags: str) -> Callable[[list[str], _Scene], Start | None]:
    """Make the reader for servers that are called like gunicorn; flags take no value."""
    takes_value = _is_flag(_names(f"{flags} -h --help -v --version"))

    def read(words: list[str], scene: _Scene) -> Start | None:
        arguments = _arguments(words, takes_value)
        if arguments.has("--help") or arguments.has("--version"):
            return None
        reference = next(iter(arguments.operands), None) or arguments.get("--app")
        module, attribute = _application(reference)
        if arguments.has("--factory") or arguments.has("--call"):
            attribute = _called(attribute)
        host = _host(arguments.get("-b", "--bind", "--host", "--listen"))
        return scene.start(runner, module=module, attribute=attribute, host=host)

    return read


_FLASK_VALUED = _names(
    "-A --app -e --env-file -h --host -p --port --cert --key --extra-files --exclude-patterns"
)


def _flask(words: list[str], scene: _Scene) -> Start | None:
    arguments = _arguments(words, _FLASK_VALUED.__contains__)
    if arguments.operands[:1] != ["run"] or arguments.has("--help"):
        return None
    debug = scene.env_debug
    debugger = False
    for name, _ in arguments.options:
        if name in {"--debug", "--no-debug"}:
            debug = name == "--debug"
        elif name in {"--debugger", "--no-debugger"}:
            debugger = name == "--debugger"
    reference = arguments.get("--app", "-A") or scene.env.get("FLASK_APP", "")
    target, module, attribute = _flask_app(reference, scene)
    return scene.start(
        "flask",
        target=target,
        module=module,
        attribute=attribute,
        debug=debug or debugger,
        host=_host(arguments.get("--host", "-h") or scene.env.get("FLASK_RUN_HOST")),
    )


def _flask_app(reference: str, scene: _Scene) -> tuple[str | None, str | None, str | None]:
    name, _, attribute = reference.partition(":")
    if "/" not in name and not name.endswith(".py"):
        return (None, *_application(reference))
    target = scene.find(name) or scene.find(f"{name}.py") or scene.find(f"{name}/__init__.py")
    if target:
        return target, _import_name(target, scene.project), _attribute(attribute)
    module, attribute_text = _application(reference.replace(".py", "", 1))
    return None, module, attribute_text


def _import_name(path: str, project: _Project) -> str | None:
    """Give the name under which a file is imported: dotted when it lies in a package."""
    folder, _, name = path.rpartition("/")
    parts = [] if name == "__init__.py" else [posixpath.splitext(name)[0]]
    while folder and project.has_file(f"{folder}/__init__.py"):
        folder, _, name = folder.rpartition("/")
        parts.insert(0, name)
    module = ".".join(parts)
    return module if _MODULE.match(module) else None


_UWSGI_VALUED = _names(
    "-w --module --wsgi --wsgi-file --file --callable --mount -s --socket --http --http-socket"
    " --https --chdir --chdir2 --env -H --home --virtualenv --ini -p --processes --workers"
    " --threads --uid --gid --pythonpath --pp"
)


def _uwsgi(words: list[str], scene: _Scene) -> Start | None:
    arguments = _arguments(words, _UWSGI_VALUED.__contains__)
    folder = arguments.get("--chdir")
    if folder:
        scene = scene._replace(place=scene.place.moved(folder))
    return _uwsgi_start(
        scene,
        module=arguments.get("-w", "--module", "--wsgi"),
        path=arguments.get("--wsgi-file", "--file"),
        mount=arguments.get("--mount"),
        attribute=arguments.get("--callable"),
        address=arguments.get("--http", "--http-socket", "-s", "--socket", "--https"),
        env=[value for name, value in arguments.options if name == "--env"],
    )


def _uwsgi_start(
    scene: _Scene,
    *,
    module: str | None,
    path: str | None,
    mount: str | None,
    attribute: str | None,
    address: str | None,
    env: Iterable[str],
) -> Start:
    scene = scene._replace(env={**scene.env, **_assignments(env)})
    if mount and not module and not path:
        application = mount.partition("=")[2]
        if application.endswith((".py", ".wsgi")):
            path = application
        else:
            module = application
    target = scene.find(path) if path else None
    name, named_attribute = _application(module)
    if target:
        name = _import_name(target, scene.project)
    return scene.start(
        "uwsgi",
        target=target,
        module=name,
        attribute=named_attribute or _attribute(attribute),
        host=_host(address),
    )


def _mod_wsgi(words: list[str], scene: _Scene) -> Start | None:
    if words[:1] != ["start-server"]:
        return None
    target = scene.find(words[1]) if len(words) > 1 else None
    return scene.start("mod_wsgi", target=target)


_gunicorn = _server(
    "gunicorn",
    "-D -R --daemon --reload --preload --spew --check-config --print-config --reuse-port"
    " --capture-output --enable-stdio-inheritance --initgroups --log-syslog --proxy-protocol"
    " --disable-redirect-access-to-syslog --suppress-ragged-eofs --do-handshake-on-connect"
    " --strip-header-spaces --permit-obsolete-folding --permit-unconventional-http-method"
    " --permit-unconventional-http-version --casefold-http-method",
)
_waitress = _server(
    "waitress",
    "--call --expose-tracebacks --ipv4 --ipv6 --log-socket-errors --asyncore-use-poll"
    " --log-untrusted-proxy-headers --clear-untrusted-proxy-headers",
)
_hypercorn = _server("hypercorn", "-D --daemon --reload --debug --strip-server-header")
_uvicorn = _server(
    "uvicorn",
    "--reload --factory --proxy-headers --server-header --date-header --access-log --use-colors"
    " --reset-contextvars",
)
_granian = _server(
    "granian",
    "--reload --factory --access-log --log --ws --respawn-failed-workers",
)

_RUNNERS: dict[str, Callable[[list[str], _Scene], Start | None]] = {
    "flask": _flask,
    "gunicorn": _gunicorn,
    "waitress-serve": _waitress,
    "hypercorn": _hypercorn,
    "uvicorn": _uvicorn,
    "granian": _granian,
    "uwsgi": _uwsgi,
    "mod_wsgi-express": _mod_wsgi,
}
_MODULE_RUNNERS: dict[str, Callable[[list[str], _Scene], Start | None]] = {
    "flask": _flask,
    "gunicorn": _gunicorn,
    "gunicorn.app.wsgiapp": _gunicorn,
    "waitress": _waitress,
    "hypercorn": _hypercorn,
    "uvicorn": _uvicorn,
    "granian": _granian,
}


# Shell commands


_COMMAND_SUBSTITUTION = r"\$\((?:[^()]|\([^()]*\))*\)"
_SHELL_TOKEN = re.compile(
    rf"""
      (?P<blank>(?:[ \t\r]|\\\n)+)
    | (?P<comment>\#[^\n]*)
    | (?P<redirect>&>>?|[0-9]*(?:<<<|<<-?|<>|>>|>\||[<>]&?))
    | (?P<operator>&&|\|\||;;&?|;&|[;&|()\n])
    | (?P<word>(?:
          [^ \t\r\n\\'"`$;&|()<>]+
        | \\.
        | '[^']*'
        | "(?:[^"\\]|\\.)*"
        | `[^`]*`
        | {_COMMAND_SUBSTITUTION}
        | \$
      )+)
    """,
    re.VERBOSE | re.DOTALL,
)
_PIECE = re.compile(r"""'([^']*)'|"((?:[^"\\]|\\.)*)"|(\\.)|([^'"\\]+)""", re.DOTALL)
_VARIABLE = re.compile(
    r"""\\(["\\$`\n])|\$\$|\$\{(\w+)(?::?-([^{}]*))?\}|\$([A-Za-z_]\w*)""", re.ASCII
)
_ALL_ARGUMENTS = frozenset({'"$@"', '"${@}"', "$@", "${@}", "$*", '"$*"'})
_OPENERS = frozenset({"if", "while", "until", "for", "select", "case", "{"})
_CLOSERS = frozenset({"fi", "done", "esac", "}"})
_KEPT_OPEN = frozenset({"then", "else", "elif", "do", "!"})
_QUESTIONS = frozenset(
    {"[", "[[", "test", "grep", "pgrep", "command", "which", "type", "hash", "false"}
)
_UNKNOWN = "$?"


def _expanded(text: str, variables: Mapping[str, str]) -> str:
    """Replace the variables that are known, and others by the default that the text gives."""
    room = LONGEST_VALUE

    def value(match: re.Match[str]) -> str:
        nonlocal room
        escaped, braced, default, plain = match.groups("")
        if escaped:
            return escaped.strip("\n")
        name = braced or plain
        has_default = match[3] is not None
        if name not in variables and not has_default:
            return match[0]
        known = variables.get(name, default)
        # Variables made of variables could grow without end.
        if len(known) > room:
            return match[0]
        room -= len(known)
        return known

    return _VARIABLE.sub(value, text)


def _unquoted(raw: str, variables: Mapping[str, str]) -> list[str]:
    """Give the words that one written word of the shell stands for."""
    if not any(mark in raw for mark in "'\"\\"):
        return _expanded(raw, variables).split() if "$" in raw else [raw]
    value = ""
    for single, double, escaped, plain in _PIECE.findall(raw):
        if escaped:
            value += escaped[1:].strip("\n")
        else:
            value += single + _expanded(double or plain, variables)
    return [value]


class _ShellCommand(NamedTuple):
    """A simple command as written; `certain` when nothing decides whether it runs."""

    line: int
    words: list[str]
    certain: bool


class _Token(NamedTuple):
    kind: str
    text: str
    line: int


def _tokens(text: str) -> Iterator[_Token]:
    """Give the tokens of the shell without blanks, comments and here-documents."""
    at, line = 0, 1
    here_document = ""
    delimiters: list[tuple[str, bool]] = []
    while at < len(text):
        match = _SHELL_TOKEN.match(text, at)
        if match is None:
            return
        kind, written = match.lastgroup or "", match[0]
        at = match.end()
        if kind not in {"blank", "comment"}:
            yield _Token(kind, written, line)
            if here_document:
                delimiters.append((re.sub(r"[\\'\"]", "", written), here_document == "<<-"))
            here_document = written.lstrip("0123456789") if kind == "redirect" else ""
            here_document = here_document if here_document in {"<<", "<<-"} else ""
        line += written.count("\n")
        if written == "\n":
            for delimiter, is_indented in delimiters:
                at, line = _after_here_document(text, at, line, delimiter, is_indented=is_indented)
            delimiters = []


def _after_here_document(
    text: str, at: int, line: int, delimiter: str, *, is_indented: bool
) -> tuple[int, int]:
    """Give the offset and line behind the delimiter."""
    written = None
    while at < len(text) and written != delimiter:
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        written = text[at:end].lstrip("\t") if is_indented else text[at:end]
        at, line = end + 1, line + 1
    return at, line


class _ShellReader:
    """Gives the simple commands of a shell text in order.

    Nothing in a condition, loop, function or subshell is certain, nor what follows a test or
    `||`: production may or may not get there.
    """

    def __init__(self) -> None:
        self._words: list[str] = []
        self._line = 1
        self._opened: list[str] = []
        self._certain = True
        self._doubtful_line = False
        self._continues = False

    def commands(self, text: str) -> Iterator[_ShellCommand]:
        skips_word = False
        for token in _tokens(f"{text}\n"):
            if token.kind == "redirect":
                skips_word = True
            elif token.kind == "word":
                if not skips_word:
                    self._take_word(token)
                skips_word = False
            else:
                skips_word = False
                # A line may end behind && and go on in the next one.
                if self._words or token.text != "\n" or not self._continues:
                    yield from self._end_command(token.text)

    def _take_word(self, token: _Token) -> None:
        word = token.text
        if self._words:
            if word == "{":
                self._opened.append(word)
                self._words = []
            else:
                self._words.append(word)
            return
        self._line = token.line
        if word in _CLOSERS:
            del self._opened[-1:]
        elif word in _OPENERS:
            self._opened.append(word)
        elif word not in _KEPT_OPEN:
            self._words.append(word)

    def _end_command(self, operator: str) -> Iterator[_ShellCommand]:
        words = self._words
        if words:
            is_sure = self._certain and not self._opened and not self._doubtful_line
            yield _ShellCommand(self._line, words, is_sure)
        self._words = []
        self._continues = operator in {"&&", "||", "|"}
        if operator == "(":
            self._doubtful_line = self._doubtful_line or bool(words)
            self._opened.append(operator)
        elif operator == ")":
            if self._opened[-1:] == ["("]:
                self._opened.pop()
        elif operator == "&&":
            self._certain = self._certain and not (words and words[0] in _QUESTIONS)
        elif operator == "||":
            self._certain = False
        elif operator != "|":
            self._certain = True
            self._doubtful_line = self._doubtful_line and operator != "\n"


def _shell(
    text: str, scene: _Scene, arguments: Sequence[str], *, script: str | None = None
) -> list[Start]:
    """Give what a shell text starts.

    `arguments` are what `"$@"` stands for. With `script`, the path of the file that the text is
    from, starts carry that file and their own line, else the file and line of the scene.
    """
    starts: list[Start] = []
    known_arguments: Sequence[str] | None = arguments
    variables = dict(scene.env)
    exported = dict(scene.env)
    place = scene.place
    for command in _ShellReader().commands(text):
        if scene.project.commands_left <= 0:
            break
        raw = command.words[:MOST_WORDS]
        words: list[str] = []
        passes_on = False
        for word in raw:
            if word in _ALL_ARGUMENTS and known_arguments is not None:
                passes_on = passes_on or not _innermost(words, {})[0]
                words += known_arguments if len(words) < MOST_WORDS else ()
            else:
                words += _unquoted(word, variables)
        if not words:
            continue
        first = words[0]
        assignments = _assignments(words[1:] if first == "export" else words)
        if first == "export" or len(assignments) == len(words):
            if not command.certain:
                assignments = dict.fromkeys(assignments, _UNKNOWN)
            variables.update(assignments)
            named = words[1:] if first == "export" else list(assignments)
            for name in (word.partition("=")[0] for word in named):
                if name in variables and (first == "export" or name in exported):
                    exported[name] = variables[name]
        elif first == "unset":
            for name in words[1:]:
                variables[name] = exported[name] = _UNKNOWN
        elif first == "shift" or (first == "set" and "--" in words):
            known_arguments = None
        elif first in {"cd", "pushd"}:
            place = _changed_folder(raw, words, command.certain, place, script)
        elif command.certain:
            here = scene._replace(place=place, env=dict(exported), text="")
            # What `exec "$@"` starts stands in the file that gave the arguments.
            if script is not None and not passes_on:
                here = here._replace(file=script, line=command.line, in_script=True)
            starts += _command(words, here)
            if (first == "exec" and len(words) > 1) or first in {"exit", "return"}:
                break
    return starts


def _assignments(words: Iterable[str]) -> dict[str, str]:
    matches = (_ASSIGNMENT.match(word) for word in words)
    return {match[1]: match[2] for match in matches if match}


_SCRIPT_FOLDER = re.compile(
    r"""
    (?: \$\( dirname [ ] (?:--[ ])? \$ (?:0|\{0\}|BASH_SOURCE|\{BASH_SOURCE(?:\[0\])?\}) \)
      | \$\{ (?:0|BASH_SOURCE) %/\* \}
    )
    ((?:/[\w.-]+)*) /? \Z
    """,
    re.VERBOSE,
)


def _changed_folder(
    raw: list[str], words: list[str], certain: bool, place: _Place, script: str | None
) -> _Place:
    """Follow `cd`."""
    if not certain or len(words) != 2:
        return place.lost()
    of_script = _SCRIPT_FOLDER.match(raw[-1].replace('"', ""))
    if of_script and script is not None:
        folder = _in_project(posixpath.join(posixpath.dirname(script), of_script[1][1:]))
        return place.lost() if folder is None else _Place(bases=(folder,))
    folder = words[1]
    return place.lost() if folder[0] in "-~" or "$" in folder else place.moved(folder)


# YAML, as far as deployment files use it


class _Node(NamedTuple):
    """A value and the 1-based line where it, or the key in front of it, stands."""

    line: int
    value: str | list[_Node] | dict[str, _Node]


class _UnreadableYamlError(Exception):
    """The file uses a shape of YAML that is not understood."""


_YAML_DEEPEST = 30
_YAML_LONGEST_VALUE = 50
_YAML_QUOTED = re.compile(r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')""", re.DOTALL)
_YAML_FLOW = re.compile(r"""(?:[^"'#]|(?<=\S)#|"(?:[^"\\]|\\.)*"|'[^']*')*""", re.DOTALL)
_YAML_FLOW_ITEM = re.compile(r"""(?:[^,"']|"(?:[^"\\]|\\.)*"|'[^']*')+""", re.DOTALL)
_YAML_BLOCK_SCALAR = re.compile(r"[|>][-+0-9]*(?:\s+#.*)?\Z")
_YAML_DECORATIONS = re.compile(r"(?:!\S*(?:\s+|\Z))?(&\S+(?:\s+|\Z))?(?:!\S*(?:\s+|\Z))?")
_YAML_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_YAML_ESCAPES = {"n": "\n", "t": "\t", "\n": ""}


class _YamlReader:
    """Reads the first document: block mappings, lists and scalars, and flat flow values."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._at = 0
        self._anchors: dict[str, _Node] = {}
        has_content = False
        for number, line in enumerate(self._lines):
            if line.startswith(("---", "...")):
                if has_content:
                    del self._lines[number:]
                    break
                self._lines[number] = ""
            has_content = has_content or line.lstrip()[:1] not in {"", "#", "%", "-"}

    def document(self) -> _Node | None:
        return self._block(0, 0)

    def _peek(self) -> tuple[int, str] | None:
        """Give indentation and content of the next line that has any."""
        while self._at < len(self._lines):
            line = self._lines[self._at]
            content = line.lstrip(" ")
            if content.startswith("\t"):
                raise _UnreadableYamlError
            if content and not content.startswith("#"):
                return len(line) - len(content), content.rstrip()
            self._at += 1
        return None

    def _block(self, least: int, depth: int) -> _Node | None:
        """Read what is indented by at least so much."""
        if depth > _YAML_DEEPEST:
            raise _UnreadableYamlError
        following = self._peek()
        if following is None or following[0] < least:
            return None
        indent, content = following
        if _is_yaml_item(content):
            return self._list(indent, depth)
        if _yaml_key(content):
            return self._mapping(indent, depth)
        self._at += 1
        return self._value(content, least - 1, depth)

    def _list(self, indent: int, depth: int) -> _Node:
        line = self._at + 1
        items: list[_Node] = []
        while (following := self._peek()) and following[0] == indent:
            content = following[1]
            if not _is_yaml_item(content):
                break
            # What follows the dash is a block of its own, further in.
            self._lines[self._at] = f"{' ' * indent} {content[1:]}"
            item_line = self._at + 1
            item = self._block(indent + 1, depth + 1)
            items.append(item or _Node(item_line, ""))
        return _Node(line, items)

    def _mapping(self, indent: int, depth: int) -> _Node:
        line = self._at + 1
        entries: dict[str, _Node] = {}
        while (following := self._peek()) and following[0] == indent:
            parts = _yaml_key(following[1])
            if parts is None:
                raise _UnreadableYamlError
            self._at += 1
            key, rest = parts
            key_line = self._at
            node = self._value(rest, indent, depth)
            entries[key] = _Node(key_line, node.value if node else "")
        if following and following[0] > indent:
            raise _UnreadableYamlError
        return _Node(line, entries)

    def _value(self, text: str, indent: int, depth: int) -> _Node | None:
        """Read the value that begins with a text behind a key; its other lines are further in."""
        anchor = ""
        decorations = _YAML_DECORATIONS.match(text)
        if decorations:
            anchor = (decorations[1] or "&")[1:].strip()
            text = text[decorations.end() :]
        line = self._at
        node: _Node | None
        if not text or text.startswith("#"):
            following = self._peek()
            is_flush_list = (
                following is not None and following[0] == indent and _is_yaml_item(following[1])
            )
            node = self._block(indent if is_flush_list else indent + 1, depth + 1)
        elif text.startswith("*"):
            node = self._anchors.get(text[1:].split()[0] if text[1:].split() else "")
        elif _YAML_BLOCK_SCALAR.match(text):
            node = _Node(line, self._block_scalar(indent, is_folded=text.startswith(">")))
        elif text[0] in "\"'":
            node = _Node(line, self._quoted(text))
        elif text[0] in "[{":
            node = _Node(line, self._flow(text))
        else:
            node = _Node(line, self._plain(text, indent))
        if anchor and node:
            self._anchors[anchor] = node
        return node

    def _block_scalar(self, indent: int, *, is_folded: bool) -> str:
        lines: list[str] = []
        while self._at < len(self._lines):
            line = self._lines[self._at]
            if line.strip() and len(line) - len(line.lstrip(" ")) <= indent:
                break
            lines.append(line.strip())
            self._at += 1
        return (" " if is_folded else "\n").join(lines).strip()

    def _plain(self, text: str, indent: int) -> str:
        parts = [_without_comment(text)]
        while (following := self._peek()) and following[0] > indent:
            if _yaml_key(following[1]):
                raise _UnreadableYamlError
            parts.append(_without_comment(following[1]))
            self._at += 1
        return " ".join(parts)

    def _quoted(self, text: str) -> str:
        match = _YAML_QUOTED.match(text)
        for _ in range(_YAML_LONGEST_VALUE):
            if match:
                break
            text = f"{text} {self._next_line()}"
            match = _YAML_QUOTED.match(text)
        if not match:
            raise _UnreadableYamlError
        return _yaml_unquoted(match[0])

    def _flow(self, text: str) -> str | list[_Node] | dict[str, _Node]:
        """Read a flat `[a, b]` or `{a: b}`; nothing when there is more nested in it."""
        line = self._at
        closing = "]" if text[0] == "[" else "}"
        for _ in range(_YAML_LONGEST_VALUE):
            match = _YAML_FLOW.match(text)
            text = match[0].rstrip() if match else ""
            if text.endswith(closing):
                break
            text = f"{text} {self._next_line()}"
        else:
            raise _UnreadableYamlError
        inner = text[1:-1]
        if any(mark in _YAML_QUOTED.sub("", inner) for mark in "[]{}"):
            return ""
        items = [item.strip() for item in _YAML_FLOW_ITEM.findall(inner)]
        if closing == "]":
            return [_Node(line, _yaml_unquoted(item)) for item in items if item]
        pairs = filter(None, map(_yaml_key, items))
        return {key: _Node(line, _yaml_unquoted(value)) for key, value in pairs}

    def _next_line(self) -> str:
        if self._at >= len(self._lines):
            raise _UnreadableYamlError
        self._at += 1
        return self._lines[self._at - 1].strip()


def _is_yaml_item(content: str) -> bool:
    return content == "-" or content.startswith("- ")


def _yaml_key(content: str) -> tuple[str, str] | None:
    """Split `key: value`, or give None when the text is no such thing."""
    quoted = _YAML_QUOTED.match(content)
    if quoted:
        key, rest = quoted[0], content[quoted.end() :].lstrip()
        if not rest.startswith(":"):
            return None
        rest = rest[1:]
    else:
        key, colon, rest = content.partition(": ")
        if not colon:
            if not content.endswith(":"):
                return None
            key, rest = content[:-1], ""
        if " #" in key or key[:1] in {"", *"[]{},#|>\"'"}:
            return None
    return _yaml_unquoted(key.strip()), rest.strip()


def _yaml_unquoted(text: str) -> str:
    if text[:1] not in {'"', "'"}:
        return text
    if text[0] == "'":
        return text[1:-1].replace("''", "'")
    return _YAML_ESCAPE.sub(lambda match: _YAML_ESCAPES.get(match[1], match[1]), text[1:-1])


def _without_comment(text: str) -> str:
    return text.partition(" #")[0].rstrip()


def _yaml(text: str) -> _Node | None:
    try:
        return _YamlReader(text).document()
    except _UnreadableYamlError:
        return None


def _at(node: _Node | None, *keys: str) -> _Node | None:
    """Follow keys through mappings, and `<<` where a key is not there."""
    for key in keys:
        node = _entry(node, key)
    return node


def _entry(node: _Node | None, key: str, merges: int = 3) -> _Node | None:
    if node is None or not isinstance(node.value, dict):
        return None
    if key in node.value or merges == 0:
        return node.value.get(key)
    merged = node.value.get("<<")
    sources = merged.value[:3] if merged and isinstance(merged.value, list) else [merged]
    return next(filter(None, (_entry(source, key, merges - 1) for source in sources)), None)


def _entries(node: _Node | None) -> list[tuple[str, _Node]]:
    entries = node.value.items() if node and isinstance(node.value, dict) else ()
    return list(itertools.islice(entries, MOST_ITEMS))


def _items(node: _Node | None) -> list[_Node]:
    return node.value[:MOST_ITEMS] if node and isinstance(node.value, list) else []


def _string(node: _Node | None) -> str | None:
    return node.value if node and isinstance(node.value, str) and node.value else None


def _strings(node: _Node | None) -> list[str]:
    return [item.value for item in _items(node) if isinstance(item.value, str)]


def _environment(node: _Node | None, merges: int = 3) -> dict[str, str]:
    """Read variables given as a mapping, as `A=b` items or as items with key and value."""
    env = _assignments(_strings(node))
    for name, entry in _entries(node):
        if name == "<<" and merges:
            env = {**_environment(entry, merges - 1), **env}
        elif isinstance(entry.value, str):
            env[name] = entry.value
    for item in _items(node):
        key, text = _string(_at(item, "key")), _string(_at(item, "value"))
        if key and text:
            env[key] = text
    return {name: _expanded(value, {}) for name, value in env.items()}


# INI files and TOML, line by line


_SECTION = re.compile(r"\s*\[\[?([^\[\]]*)\]\]?\s*(?:[#;].*)?\Z")
_TOML_ENTRY = re.compile(r"""\s*([\w.-]+|"[^"]*")\s*=\s*(\[[^\]]*\]|"(?:[^"\\]|\\.)*"|'[^']*')""")


class _Setting(NamedTuple):
    section: str
    key: str
    value: str
    line: int


def _ini(text: str, *, indented_goes_on: bool) -> Iterator[_Setting]:
    """Read `key = value` lines with the continuations of systemd or of supervisor."""
    section = ""
    key = ""
    parts: list[str] = []
    first_line = 0
    goes_on = False
    for number, line in enumerate(text.split("\n"), start=1):
        content = line.strip()
        if not content or content[0] in "#;":
            continue
        if not (parts and (goes_on or (indented_goes_on and line[0] in " \t"))):
            if parts:
                yield _Setting(section, key, " ".join(parts), first_line)
            parts = []
            header = _SECTION.match(line)
            key, equals, content = (part.strip() for part in content.partition("="))
            if header:
                section = header[1].strip()
            if header or not equals:
                continue
            first_line = number
        goes_on = content.endswith("\\")
        parts.append(content.removesuffix("\\").rstrip())
    if parts:
        yield _Setting(section, key, " ".join(parts), first_line)


def _toml(text: str) -> Iterator[_Setting]:
    """Read the strings and lists of strings that stand on one line; lists as JSON text."""
    section = ""
    in_long_string = False
    for number, line in enumerate(text.split("\n"), start=1):
        marks = line.count('"""') + line.count("'''")
        if in_long_string or marks:
            in_long_string = in_long_string ^ (marks % 2 == 1)
            continue
        header = _SECTION.match(line)
        entry = _TOML_ENTRY.match(line)
        if header:
            section = header[1].strip()
        elif entry:
            value = entry[2]
            is_list = value.startswith("[")
            yield _Setting(
                section, entry[1].strip('"'), value if is_list else _yaml_unquoted(value), number
            )


# Dockerfiles


MOST_STAGES = 50
MOST_MOUNTS = 100
_INSTRUCTION = re.compile(r"\s*([A-Za-z]+)\s+(.*)\Z", re.DOTALL)
_HERE_DOCUMENT = re.compile(r"(?<!\S)<<-?['\"]?([A-Za-z_]\w*)")


class _Given(NamedTuple):
    """The words of an ENTRYPOINT or CMD and the line of it."""

    line: int
    words: list[str]


class _Stage(msgspec.Struct):
    """What one stage of a Dockerfile leaves behind."""

    name: str = ""
    workdir: str = ""
    mounts: list[_Mount] = []
    env: dict[str, str] = {}
    build_variables: dict[str, str] = {}
    entrypoint: _Given | None = None
    command: _Given | None = None
    own_command: bool = False


def _instructions(text: str) -> Iterator[tuple[int, str, str]]:
    """Give line, name and rest of the instructions, with continued lines joined."""
    parts: list[str] = []
    first_line = 0
    delimiters: list[str] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if delimiters:
            if line.strip() == delimiters[0]:
                delimiters.pop(0)
            continue
        content = line.strip()
        if content.startswith("#") or (not content and parts):
            continue
        first_line = first_line if parts else number
        parts.append(content.removesuffix("\\"))
        if content.endswith("\\"):
            continue
        match = _INSTRUCTION.match("".join(parts))
        parts = []
        if match:
            name = match[1].upper()
            if name in {"RUN", "COPY", "ADD"}:
                delimiters = _HERE_DOCUMENT.findall(match[2])
            yield first_line, name, match[2].strip()
    match = _INSTRUCTION.match("".join(parts))
    if match:
        yield first_line, match[1].upper(), match[2].strip()


def _json_words(text: str) -> list[str] | None:
    try:
        return msgspec.json.decode(text, type=list[str])
    except (msgspec.DecodeError, RecursionError):
        return None


def _split(text: str) -> list[str]:
    """Split a text into words where no shell is at work."""
    if len(text) > LONGEST_VALUE:
        return []
    try:
        return shlex.split(text)[:MOST_WORDS]
    except ValueError:
        return []


def _form(text: str) -> list[str]:
    words = _json_words(text) if text.startswith("[") else None
    return ["/bin/sh", "-c", text] if words is None else words


def _stages(text: str) -> list[_Stage]:
    """Read the stages of a Dockerfile; a stage that builds on another one starts as its copy."""
    stages: list[_Stage] = []
    global_variables: dict[str, str] = {}
    for line, name, rest in _instructions(text):
        if name == "FROM":
            if len(stages) == MOST_STAGES:
                return []
            stages.append(_new_stage(_expanded(rest, global_variables).split(), stages))
        elif not stages:
            if name == "ARG":
                global_variables.update(_assignments(_split(rest)))
        else:
            _apply(stages[-1], stages[:-1], name, rest, line)
    return stages


def _new_stage(words: list[str], earlier: list[_Stage]) -> _Stage:
    words = [word for word in words if not word.startswith("--")]
    name = words[2].lower() if len(words) == 3 and words[1].lower() == "as" else ""
    base = _stage_named(words[0], earlier) if words else None
    if base is None:
        return _Stage(name=name)
    return _Stage(
        name=name,
        workdir=base.workdir,
        mounts=list(base.mounts),
        env=dict(base.env),
        build_variables=dict(base.env),
        entrypoint=base.entrypoint,
        command=base.command,
    )


def _stage_named(name: str, stages: list[_Stage]) -> _Stage | None:
    return next((stage for stage in stages if stage.name and stage.name == name.lower()), None)


def _apply(stage: _Stage, earlier: list[_Stage], name: str, rest: str, line: int) -> None:
    if name == "ENV":
        assignments = _assignments(_split(rest))
        first, _, value = rest.partition(" ")
        if "=" not in first:
            assignments = {first: value.strip()}
        for key, given in assignments.items():
            stage.env[key] = _expanded(given, stage.build_variables)
        stage.build_variables.update((key, stage.env[key]) for key in assignments)
    elif name == "ARG":
        for key, given in _assignments(_split(rest)).items():
            stage.build_variables.setdefault(key, _expanded(given, stage.build_variables))
    elif name == "WORKDIR":
        stage.workdir = _join(stage.workdir, _expanded(rest.strip("\"'"), stage.build_variables))
    elif name in {"COPY", "ADD"}:
        words = _json_words(rest) or _split(rest)
        words = [_expanded(word, stage.build_variables) for word in words]
        _copy(stage, earlier, words)
    elif name == "CMD":
        stage.command = _Given(line, _form(rest))
        stage.own_command = True
    elif name == "ENTRYPOINT":
        stage.entrypoint = _Given(line, _form(rest))
        if not stage.own_command:
            stage.command = None


def _copy(stage: _Stage, earlier: list[_Stage], words: list[str]) -> None:
    """Note which files and folders of the project a COPY puts where."""
    origin = next((word[7:] for word in words if word.startswith("--from=")), None)
    paths = [word for word in words if not word.startswith("--")]
    if len(paths) < 2:
        return
    at = _join(stage.workdir, paths[-1])
    if origin is None:
        for path in paths[:-1]:
            # A pattern such as src/*.py copies out of src.
            source = posixpath.dirname(path) if "*" in path or "?" in path else path
            stage.mounts.append(_Mount(at, source.lstrip("/") or "."))
    else:
        is_number = origin.isdecimal() and int(origin) < len(earlier)
        other = earlier[int(origin)] if is_number else _stage_named(origin, earlier)
        for path in paths[:-1] if other else []:
            stage.mounts += _remounted(other.mounts if other else [], _join("/", path), at)
    del stage.mounts[:-MOST_MOUNTS]


def _remounted(mounts: list[_Mount], source: str, at: str) -> Iterator[_Mount]:
    for mount in mounts:
        rest = _below(source, mount.at)
        if rest is not None:
            yield _Mount(at, posixpath.join(mount.source, rest))
            continue
        rest = _below(mount.at, source)
        if rest is not None:
            yield _Mount(_join(at, rest), mount.source)


def _image_starts(scene: _Scene, entrypoint: _Given | None, command: _Given | None) -> list[Start]:
    """Give what ENTRYPOINT and CMD start together.

    The line is that of the entry point when it says by itself what is started, else that of the
    command.
    """
    if entrypoint is None or not entrypoint.words:
        return _command(command.words, scene._replace(line=command.line)) if command else []
    alone = scene._replace(line=entrypoint.line)
    if command is None:
        return _command(entrypoint.words, alone)
    says_all = any(start.file == scene.file for start in _command(entrypoint.words, alone))
    line = entrypoint.line if says_all else command.line
    return _command([*entrypoint.words, *command.words], scene._replace(line=line))


# One reader for each kind of deployment file


def _scene(project: _Project, path: str, line: int = 1, *folders: str) -> _Scene:
    return _Scene(project, path, line, _Place(_beside(path, *folders)), {})


def _dockerfile(project: _Project, path: str, text: str) -> list[Start]:
    stages = _stages(text)
    if not stages or _is_development(stages[-1].name):
        return []
    stage = stages[-1]
    place = _Place(_beside(path), stage.workdir, tuple(stage.mounts))
    scene = _scene(project, path)._replace(place=place, env=stage.env)
    return _image_starts(scene, stage.entrypoint, stage.command)


def _compose(project: _Project, path: str, text: str) -> list[Start]:
    starts: list[Start] = []
    for name, service in _entries(_at(_yaml(text), "services")):
        profiles = _strings(_at(service, "profiles"))
        if _is_development(name) or (profiles and all(map(_is_development, profiles))):
            continue
        starts += _service(project, path, service)
    return starts


def _service(project: _Project, path: str, service: _Node) -> list[Start]:
    """Read one service of a compose file, over the image that it is built from."""
    command = _compose_words(_at(service, "command"))
    entrypoint = _compose_words(_at(service, "entrypoint"))
    if command is None and entrypoint is None:
        return []
    stage = _Stage()
    contexts: list[str] = []
    folder = posixpath.dirname(path)
    build = _at(service, "build")
    if build:
        context = _string(build) or _string(_at(build, "context")) or "."
        inside = _in_project(posixpath.join(folder, context))
        dockerfile = _string(_at(build, "dockerfile")) or "Dockerfile"
        wanted = _string(_at(build, "target"))
        if _is_development(wanted or "") or _is_development(dockerfile):
            return []
        if inside is not None:
            contexts.append(inside)
            text = project.read(posixpath.join(inside, dockerfile))
            stages = _stages(text) if text else []
            found = _stage_named(wanted, stages) if wanted else stages[-1] if stages else None
            stage = found or stage
    mounts = list(stage.mounts)
    for volume in _strings(_at(service, "volumes")):
        source, _, at = volume.partition(":")
        inside = _in_project(posixpath.join(folder, source)) if source.startswith(".") else None
        if inside is not None and at:
            mounts.append(_Mount(posixpath.normpath(at.partition(":")[0]), inside or "."))
    working = _string(_at(service, "working_dir"))
    place = _Place(
        _beside(path, *contexts),
        _join(stage.workdir, working) if working else stage.workdir,
        tuple(mounts[-MOST_MOUNTS:]),
    )
    env = {**stage.env, **_environment(_at(service, "environment"))}
    scene = _scene(project, path)._replace(place=place, env=env)
    if entrypoint is None:
        image = stage.entrypoint
        entrypoint = _Given(command.line, image.words) if image and command else None
    return _image_starts(scene, entrypoint, command)


def _compose_words(node: _Node | None) -> _Given | None:
    """Read a command, which compose splits into words itself: no shell is at work."""
    if node is None:
        return None
    words = _strings(node) or _split(_string(node) or "")
    return _Given(node.line, [_expanded(word, {}) for word in words])


def _procfile(project: _Project, path: str, text: str) -> list[Start]:
    starts: list[Start] = []
    for number, line in enumerate(text.split("\n"), start=1):
        name, colon, command = line.partition(":")
        if colon and name.replace("-", "").replace("_", "").isalnum() and not _is_development(name):
            starts += _shell(command, _scene(project, path, number), ())
    return starts


def _systemd(project: _Project, path: str, text: str) -> list[Start]:
    scene = _scene(project, path)
    env: dict[str, str] = {}
    commands: list[_Setting] = []
    for setting in _ini(text, indented_goes_on=False):
        if setting.section != "Service":
            continue
        if setting.key == "Environment":
            env.update(_assignments(_split(setting.value)))
        elif setting.key == "WorkingDirectory":
            scene = scene._replace(place=scene.place.moved(setting.value.lstrip("-")))
        elif setting.key == "ExecStart":
            commands = [*commands, setting] if setting.value else []
    starts: list[Start] = []
    for setting in commands[:MOST_STAGES]:
        words = _split(setting.value.lstrip("-@+!:|"))
        starts += _command(words, scene._replace(line=setting.line, env=env))
    return starts


def _ini_file(project: _Project, path: str, text: str) -> list[Start]:
    starts: list[Start] = []
    sections: dict[str, dict[str, _Setting]] = {}
    uwsgi_env: list[str] = []
    for setting in _ini(text, indented_goes_on=True):
        sections.setdefault(setting.section, {}).setdefault(setting.key, setting)
        if setting.section == "uwsgi" and setting.key == "env":
            uwsgi_env.append(setting.value)
    for section, settings in sections.items():
        if section == "uwsgi":
            starts += _uwsgi_section(project, path, settings, uwsgi_env)
        elif section.startswith("program:") and not _is_development(section):
            starts += _supervised(project, path, settings)
    return starts


def _uwsgi_section(
    project: _Project, path: str, settings: dict[str, _Setting], env: list[str]
) -> list[Start]:
    def value(*names: str) -> str | None:
        return next((settings[name].value for name in names if name in settings), None)

    named = [
        settings[name]
        for name in ("module", "wsgi", "wsgi-file", "file", "mount")
        if name in settings
    ]
    if not named:
        return []
    scene = _scene(project, path, named[0].line)
    scene = scene._replace(text=f"{named[0].key} = {named[0].value}")
    folder = value("chdir")
    if folder:
        scene = scene._replace(place=scene.place.moved(folder))
    start = _uwsgi_start(
        scene,
        module=value("module", "wsgi"),
        path=value("wsgi-file", "file"),
        mount=value("mount"),
        attribute=value("callable"),
        address=value("http", "http-socket", "socket", "https"),
        env=env,
    )
    return [start] if start.module or start.target else []


def _supervised(project: _Project, path: str, settings: dict[str, _Setting]) -> list[Start]:
    if "command" not in settings:
        return []
    scene = _scene(project, path, settings["command"].line)
    if "directory" in settings:
        folder = _before_comment(settings["directory"].value)
        scene = scene._replace(place=scene.place.moved(folder))
    if "environment" in settings:
        text = settings["environment"].value.replace(",", " ")
        scene = scene._replace(env=_assignments(_split(text)))
    return _command(_split(_before_comment(settings["command"].value)), scene)


def _before_comment(text: str) -> str:
    return text.partition(" ;")[0].partition(" #")[0]


def _app_yaml(project: _Project, path: str, text: str) -> list[Start]:
    document = _yaml(text)
    node = _at(document, "entrypoint")
    command = _string(node)
    if node is None or command is None or not _at(document, "runtime"):
        return []
    env = _environment(_at(document, "env_variables"))
    return _shell(command, _scene(project, path, node.line)._replace(env=env), ())


def _render_yaml(project: _Project, path: str, text: str) -> list[Start]:
    starts: list[Start] = []
    for service in _items(_at(_yaml(text), "services")):
        node = _at(service, "startCommand")
        command = _string(node)
        if node is None or command is None or _is_development(_string(_at(service, "name")) or ""):
            continue
        folder = _in_project(_string(_at(service, "rootDir")) or "")
        folders = [folder] if folder else []
        env = _environment(_at(service, "envVars"))
        scene = _scene(project, path, node.line, *folders)._replace(env=env)
        starts += _shell(command, scene, ())
    return starts


def _heroku_yml(project: _Project, path: str, text: str) -> list[Start]:
    starts: list[Start] = []
    for name, process in _entries(_at(_yaml(text), "run")):
        node = _at(process, "command") or process
        command = _string(node) or " && ".join(_strings(node))
        if command and not _is_development(name):
            starts += _shell(command, _scene(project, path, node.line), ())
    return starts


def _platform_app_yaml(project: _Project, path: str, text: str) -> list[Start]:
    document = _yaml(text)
    node = _at(document, "web", "commands", "start")
    command = _string(node)
    if node is None or command is None:
        return []
    env = _environment(_at(document, "variables", "env"))
    return _shell(command, _scene(project, path, node.line)._replace(env=env), ())


def _fly_toml(project: _Project, path: str, text: str) -> list[Start]:
    settings = list(_toml(text))
    env = {setting.key: setting.value for setting in settings if setting.section == "env"}
    starts: list[Start] = []
    for setting in settings:
        is_process = setting.section == "processes" and not _is_development(setting.key)
        if is_process or (setting.section == "experimental" and setting.key == "cmd"):
            words = _json_words(setting.value) or _split(setting.value)
            starts += _command(words, _scene(project, path, setting.line)._replace(env=env))
    return starts


def _toml_command(section: str, key: str) -> Callable[[_Project, str, str], list[Start]]:
    def read(project: _Project, path: str, text: str) -> list[Start]:
        starts: list[Start] = []
        for setting in _toml(text):
            if (setting.section, setting.key) == (section, key):
                starts += _shell(setting.value, _scene(project, path, setting.line), ())
        return starts

    return read


class _RailwayDeploy(msgspec.Struct, rename="camel"):
    start_command: str | None = None


class _Railway(msgspec.Struct):
    deploy: _RailwayDeploy | None = None


def _railway_json(project: _Project, path: str, text: str) -> list[Start]:
    try:
        deploy = msgspec.json.decode(text, type=_Railway).deploy
    except (msgspec.DecodeError, RecursionError):
        return []
    if deploy is None or deploy.start_command is None:
        return []
    lines = text.partition('"startCommand"')[0]
    scene = _scene(project, path, lines.count("\n") + 1)
    return _shell(deploy.start_command, scene, ())


_DOCKERFILE = re.compile(r"(?:dockerfile|containerfile).*|.+\.(?:dockerfile|containerfile)", re.I)
_COMPOSE = re.compile(r"(?:docker-compose.*|compose(?:[._-].*)?)\.ya?ml", re.I)
_OTHER_SUFFIXES = _names(
    ".py .md .rst .txt .sh .yml .yaml .json .toml .j2 .jinja .tmpl .tpl .dockerignore"
)
_BY_NAME: dict[str, Callable[[_Project, str, str], list[Start]]] = {
    "app.yaml": _app_yaml,
    "app.yml": _app_yaml,
    "render.yaml": _render_yaml,
    "render.yml": _render_yaml,
    "heroku.yml": _heroku_yml,
    ".platform.app.yaml": _platform_app_yaml,
    "railway.json": _railway_json,
    "railway.toml": _toml_command("deploy", "startCommand"),
    "nixpacks.toml": _toml_command("start", "cmd"),
}
_BY_SUFFIX: dict[str, Callable[[_Project, str, str], list[Start]]] = {
    ".service": _systemd,
    ".ini": _ini_file,
    ".conf": _ini_file,
}


def _reader_of(path: str) -> Callable[[_Project, str, str], list[Start]] | None:
    """Choose the reader for a file by its name; None when it says nothing about production."""
    name = posixpath.basename(path)
    words = _words_of_name(name)
    if not words.isdisjoint(_DEVELOPMENT_WORDS | _DISUSED_WORDS):
        return None
    suffix = posixpath.splitext(name)[1].lower()
    if name in _BY_NAME:
        return _BY_NAME[name]
    if name == "Procfile" or name.startswith("Procfile."):
        return _procfile
    if suffix not in _OTHER_SUFFIXES and _DOCKERFILE.fullmatch(name):
        return _dockerfile
    if _COMPOSE.fullmatch(name):
        return _compose
    if suffix == ".toml" and name.startswith("fly."):
        return _fly_toml
    return _BY_SUFFIX.get(suffix)
