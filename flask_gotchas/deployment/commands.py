"""What a command starts, be it a program or a whole shell text."""

from __future__ import annotations

import posixpath
import re
import sys
from typing import TYPE_CHECKING

from flask_gotchas.deployment.model import DEEPEST_NESTING, MOST_WORDS, Start, word_set
from flask_gotchas.deployment.scene import Place, Scene, in_project
from flask_gotchas.deployment.servers import MODULE, MODULE_RUNNERS, RUNNERS
from flask_gotchas.deployment.shell import ShellReader, unquoted
from flask_gotchas.deployment.words import ASSIGNMENT, assignments_in
from flask_gotchas.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
        word_set(
            "nohup setsid command time catchsegv eatmydata authbind catatonit with-contenv setpriv"
            " ddtrace-run elasticapm-run splunk-py-trace"
        ),
        _Wrapper(),
    ),
    **dict.fromkeys(word_set("gosu su-exec s6-setuidgid"), _Wrapper(operands=1)),
    **dict.fromkeys(
        word_set(
            "wait-for-it wait-for-it.sh wait-for wait-for.sh wait_for_it.sh doppler infisical"
            " chamber op aws-vault"
        ),
        _Wrapper(after_dashes=True),
    ),
    **dict.fromkeys(
        word_set("conda mamba micromamba"),
        _Wrapper("run", word_set("-n --name -p --prefix --cwd")),
    ),
    "exec": _Wrapper(valued=word_set("-a")),
    "env": _Wrapper(valued=word_set("-u --unset")),
    "sudo": _Wrapper(valued=word_set("-u -g -h -p -C -r -t -T -U --user --group --host --prompt")),
    "nice": _Wrapper(valued=word_set("-n --adjustment")),
    "ionice": _Wrapper(valued=word_set("-c -n --class --classdata")),
    "chpst": _Wrapper(valued=word_set("-u -U -e -/ -n -l -L -m -d -o -p -f -c")),
    "timeout": _Wrapper(valued=word_set("-k -s --kill-after --signal"), operands=1),
    "stdbuf": _Wrapper(valued=word_set("-i -o -e --input --output --error")),
    "tini": _Wrapper(valued=word_set("-p -e")),
    "dumb-init": _Wrapper(valued=word_set("-r --rewrite")),
    "dockerize": _Wrapper(
        valued=word_set(
            "-wait -timeout -template -stdout -stderr -wait-http-header -wait-retry-interval"
        )
    ),
    "newrelic-admin": _Wrapper("run-program"),
    "opentelemetry-instrument": _Wrapper(
        valued=word_set(
            "--traces_exporter --metrics_exporter --logs_exporter --service_name --id_generator"
            " --propagators --resource_attributes --exporter_otlp_endpoint"
        )
    ),
    "poetry": _Wrapper("run", word_set("-C --directory -P --project")),
    "pipenv": _Wrapper("run", word_set("--python")),
    "pdm": _Wrapper("run", word_set("-p --project --venv -c --config"), runs_scripts=True),
    "rye": _Wrapper("run", word_set("--pyproject")),
    "hatch": _Wrapper("run", word_set("-e --env -p --project")),
    "uv": _Wrapper(
        "run",
        word_set(
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
        assignment = ASSIGNMENT.match(words[0])
        if assignment:
            env[assignment[1]] = assignment[2]
            words = words[1:]
            continue
        wrapper = _WRAPPERS.get(posixpath.basename(words[0]))
        if wrapper is None:
            break
        words = _unwrapped(wrapper, words[1:])
    return words, env


def command_starts(words: Sequence[str], scene: Scene) -> list[Start]:
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
    elif name in RUNNERS:
        start = RUNNERS[name](arguments, scene)
    else:
        return _executable(program, arguments, scene)
    return [start] if start else []


def _executable(program: str, arguments: list[str], scene: Scene) -> list[Start]:
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


def _shell_program(words: list[str], scene: Scene) -> list[Start]:
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
        return shell_starts(operands[0], scene, operands[2:])
    path = scene.find(operands[0])
    text = scene.project.read(path) if path else None
    return _script(text, path, operands[1:], scene) if path and text is not None else []


def _script(text: str, path: str, arguments: list[str], scene: Scene) -> list[Start]:
    if scene.in_script:
        return []
    return shell_starts(text, scene, arguments, script=path)


def _python(words: list[str], scene: Scene) -> Start | None:
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


def _python_module(words: list[str], scene: Scene) -> Start | None:
    if not words:
        return None
    module, arguments = words[0], words[1:]
    runner = MODULE_RUNNERS.get(module)
    if runner:
        return runner(arguments, scene)
    top = module.partition(".")[0]
    if not MODULE.match(module) or top in sys.stdlib_module_names or top in _NO_PROGRAMS:
        return None
    return scene.start("python", module=module)


# Shell texts


_ALL_ARGUMENTS = frozenset({'"$@"', '"${@}"', "$@", "${@}", "$*", '"$*"'})
_UNKNOWN = "$?"


def shell_starts(
    text: str, scene: Scene, arguments: Sequence[str], *, script: str | None = None
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
    for command in ShellReader().commands(text):
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
                words += unquoted(word, variables)
        if not words:
            continue
        first = words[0]
        assignments = assignments_in(words[1:] if first == "export" else words)
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
            starts += command_starts(words, here)
            if (first == "exec" and len(words) > 1) or first in {"exit", "return"}:
                break
    return starts


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
    raw: list[str], words: list[str], certain: bool, place: Place, script: str | None
) -> Place:
    """Follow `cd`."""
    if not certain or len(words) != 2:
        return place.lost()
    of_script = _SCRIPT_FOLDER.match(raw[-1].replace('"', ""))
    if of_script and script is not None:
        folder = in_project(posixpath.join(posixpath.dirname(script), of_script[1][1:]))
        return place.lost() if folder is None else Place(bases=(folder,))
    folder = words[1]
    return place.lost() if folder[0] in "-~" or "$" in folder else place.moved(folder)
