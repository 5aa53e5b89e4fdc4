"""One reader for each kind of deployment file."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

import msgspec

from flask_gotchas.deployment.commands import command_starts, shell_starts
from flask_gotchas.deployment.disk import DEVELOPMENT_WORDS, Project, is_development, words_of_name
from flask_gotchas.deployment.docker import (
    MOST_MOUNTS,
    MOST_STAGES,
    Given,
    Stage,
    image_starts,
    stage_named,
    stages_of,
)
from flask_gotchas.deployment.ini import Setting, read_ini, read_toml
from flask_gotchas.deployment.model import Start, word_set
from flask_gotchas.deployment.scene import Mount, Place, Scene, beside, in_project, join
from flask_gotchas.deployment.servers import uwsgi_start
from flask_gotchas.deployment.simple_yaml import (
    Node,
    entries_of,
    environment_of,
    items_of,
    node_at,
    read_yaml,
    string_of,
    strings_of,
)
from flask_gotchas.deployment.words import assignments_in, expanded, json_words, split_words

if TYPE_CHECKING:
    from collections.abc import Callable


def find_starts(root: str) -> tuple[Start, ...]:
    """Find what the deployment files below a project folder start in production.

    Takes the path of the folder and gives the starts sorted by file and line. Files for
    development and testing do not count. Whatever cannot be read or understood is passed over.
    """
    project = Project(root)
    starts: set[Start] = set()
    for path in project.paths():
        reader = _reader_of(path)
        if reader is None:
            continue
        text = project.read(path)
        if text is not None:
            starts.update(reader(project, path, text))
    return tuple(sorted(starts, key=_order))


def _order(start: Start) -> tuple[str, int, str, str, str, str]:
    return (
        start.file,
        start.line,
        start.command,
        start.runner,
        f"{start.target}\0{start.module}\0{start.attribute}",
        f"{start.debug}\0{start.host}",
    )


def _scene(project: Project, path: str, line: int = 1, *folders: str) -> Scene:
    return Scene(project, path, line, Place(beside(path, *folders)), {})


def _dockerfile(project: Project, path: str, text: str) -> list[Start]:
    stages = stages_of(text)
    if not stages or is_development(stages[-1].name):
        return []
    stage = stages[-1]
    place = Place(beside(path), stage.workdir, tuple(stage.mounts))
    scene = _scene(project, path)._replace(place=place, env=stage.env)
    return image_starts(scene, stage.entrypoint, stage.command)


def _compose(project: Project, path: str, text: str) -> list[Start]:
    starts: list[Start] = []
    for name, service in entries_of(node_at(read_yaml(text), "services")):
        profiles = strings_of(node_at(service, "profiles"))
        if is_development(name) or (profiles and all(map(is_development, profiles))):
            continue
        starts += _service(project, path, service)
    return starts


def _service(project: Project, path: str, service: Node) -> list[Start]:
    """Read one service of a compose file, over the image that it is built from."""
    command = _compose_words(node_at(service, "command"))
    entrypoint = _compose_words(node_at(service, "entrypoint"))
    if command is None and entrypoint is None:
        return []
    stage = Stage()
    contexts: list[str] = []
    folder = posixpath.dirname(path)
    build = node_at(service, "build")
    if build:
        context = string_of(build) or string_of(node_at(build, "context")) or "."
        inside = in_project(posixpath.join(folder, context))
        dockerfile = string_of(node_at(build, "dockerfile")) or "Dockerfile"
        wanted = string_of(node_at(build, "target"))
        if is_development(wanted or "") or is_development(dockerfile):
            return []
        if inside is not None:
            contexts.append(inside)
            text = project.read(posixpath.join(inside, dockerfile))
            stages = stages_of(text) if text else []
            found = stage_named(wanted, stages) if wanted else stages[-1] if stages else None
            stage = found or stage
    mounts = list(stage.mounts)
    for volume in strings_of(node_at(service, "volumes")):
        source, _, at = volume.partition(":")
        inside = in_project(posixpath.join(folder, source)) if source.startswith(".") else None
        if inside is not None and at:
            mounts.append(Mount(posixpath.normpath(at.partition(":")[0]), inside or "."))
    working = string_of(node_at(service, "working_dir"))
    place = Place(
        beside(path, *contexts),
        join(stage.workdir, working) if working else stage.workdir,
        tuple(mounts[-MOST_MOUNTS:]),
    )
    env = {**stage.env, **environment_of(node_at(service, "environment"))}
    scene = _scene(project, path)._replace(place=place, env=env)
    if entrypoint is None:
        image = stage.entrypoint
        entrypoint = Given(command.line, image.words) if image and command else None
    return image_starts(scene, entrypoint, command)


def _compose_words(node: Node | None) -> Given | None:
    """Read a command, which compose splits into words itself: no shell is at work."""
    if node is None:
        return None
    words = strings_of(node) or split_words(string_of(node) or "")
    return Given(node.line, [expanded(word, {}) for word in words])


def _procfile(project: Project, path: str, text: str) -> list[Start]:
    starts: list[Start] = []
    for number, line in enumerate(text.split("\n"), start=1):
        name, colon, command = line.partition(":")
        if colon and name.replace("-", "").replace("_", "").isalnum() and not is_development(name):
            starts += shell_starts(command, _scene(project, path, number), ())
    return starts


def _systemd(project: Project, path: str, text: str) -> list[Start]:
    scene = _scene(project, path)
    env: dict[str, str] = {}
    commands: list[Setting] = []
    for setting in read_ini(text, indented_goes_on=False):
        if setting.section != "Service":
            continue
        if setting.key == "Environment":
            env.update(assignments_in(split_words(setting.value)))
        elif setting.key == "WorkingDirectory":
            scene = scene._replace(place=scene.place.moved(setting.value.lstrip("-")))
        elif setting.key == "ExecStart":
            commands = [*commands, setting] if setting.value else []
    starts: list[Start] = []
    for setting in commands[:MOST_STAGES]:
        words = split_words(setting.value.lstrip("-@+!:|"))
        starts += command_starts(words, scene._replace(line=setting.line, env=env))
    return starts


def _ini_file(project: Project, path: str, text: str) -> list[Start]:
    starts: list[Start] = []
    sections: dict[str, dict[str, Setting]] = {}
    uwsgi_env: list[str] = []
    for setting in read_ini(text, indented_goes_on=True):
        sections.setdefault(setting.section, {}).setdefault(setting.key, setting)
        if setting.section == "uwsgi" and setting.key == "env":
            uwsgi_env.append(setting.value)
    for section, settings in sections.items():
        if section == "uwsgi":
            starts += _uwsgi_section(project, path, settings, uwsgi_env)
        elif section.startswith("program:") and not is_development(section):
            starts += _supervised(project, path, settings)
    return starts


def _uwsgi_section(
    project: Project, path: str, settings: dict[str, Setting], env: list[str]
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
    start = uwsgi_start(
        scene,
        module=value("module", "wsgi"),
        path=value("wsgi-file", "file"),
        mount=value("mount"),
        attribute=value("callable"),
        address=value("http", "http-socket", "socket", "https"),
        env=env,
    )
    return [start] if start.module or start.target else []


def _supervised(project: Project, path: str, settings: dict[str, Setting]) -> list[Start]:
    if "command" not in settings:
        return []
    scene = _scene(project, path, settings["command"].line)
    if "directory" in settings:
        folder = _before_comment(settings["directory"].value)
        scene = scene._replace(place=scene.place.moved(folder))
    if "environment" in settings:
        text = settings["environment"].value.replace(",", " ")
        scene = scene._replace(env=assignments_in(split_words(text)))
    return command_starts(split_words(_before_comment(settings["command"].value)), scene)


def _before_comment(text: str) -> str:
    return text.partition(" ;")[0].partition(" #")[0]


def _app_yaml(project: Project, path: str, text: str) -> list[Start]:
    document = read_yaml(text)
    node = node_at(document, "entrypoint")
    command = string_of(node)
    if node is None or command is None or not node_at(document, "runtime"):
        return []
    env = environment_of(node_at(document, "env_variables"))
    return shell_starts(command, _scene(project, path, node.line)._replace(env=env), ())


def _render_yaml(project: Project, path: str, text: str) -> list[Start]:
    starts: list[Start] = []
    for service in items_of(node_at(read_yaml(text), "services")):
        node = node_at(service, "startCommand")
        command = string_of(node)
        if (
            node is None
            or command is None
            or is_development(string_of(node_at(service, "name")) or "")
        ):
            continue
        folder = in_project(string_of(node_at(service, "rootDir")) or "")
        folders = [folder] if folder else []
        env = environment_of(node_at(service, "envVars"))
        scene = _scene(project, path, node.line, *folders)._replace(env=env)
        starts += shell_starts(command, scene, ())
    return starts


def _heroku_yml(project: Project, path: str, text: str) -> list[Start]:
    starts: list[Start] = []
    for name, process in entries_of(node_at(read_yaml(text), "run")):
        node = node_at(process, "command") or process
        command = string_of(node) or " && ".join(strings_of(node))
        if command and not is_development(name):
            starts += shell_starts(command, _scene(project, path, node.line), ())
    return starts


def _platform_app_yaml(project: Project, path: str, text: str) -> list[Start]:
    document = read_yaml(text)
    node = node_at(document, "web", "commands", "start")
    command = string_of(node)
    if node is None or command is None:
        return []
    env = environment_of(node_at(document, "variables", "env"))
    return shell_starts(command, _scene(project, path, node.line)._replace(env=env), ())


def _fly_toml(project: Project, path: str, text: str) -> list[Start]:
    settings = list(read_toml(text))
    env = {setting.key: setting.value for setting in settings if setting.section == "env"}
    starts: list[Start] = []
    for setting in settings:
        is_process = setting.section == "processes" and not is_development(setting.key)
        if is_process or (setting.section == "experimental" and setting.key == "cmd"):
            words = json_words(setting.value) or split_words(setting.value)
            starts += command_starts(words, _scene(project, path, setting.line)._replace(env=env))
    return starts


def _toml_command(section: str, key: str) -> Callable[[Project, str, str], list[Start]]:
    def read(project: Project, path: str, text: str) -> list[Start]:
        starts: list[Start] = []
        for setting in read_toml(text):
            if (setting.section, setting.key) == (section, key):
                starts += shell_starts(setting.value, _scene(project, path, setting.line), ())
        return starts

    return read


class _RailwayDeploy(msgspec.Struct, rename="camel"):
    start_command: str | None = None


class _Railway(msgspec.Struct):
    deploy: _RailwayDeploy | None = None


def _railway_json(project: Project, path: str, text: str) -> list[Start]:
    try:
        deploy = msgspec.json.decode(text, type=_Railway).deploy
    except (msgspec.DecodeError, RecursionError):
        return []
    if deploy is None or deploy.start_command is None:
        return []
    lines = text.partition('"startCommand"')[0]
    scene = _scene(project, path, lines.count("\n") + 1)
    return shell_starts(deploy.start_command, scene, ())


_DOCKERFILE = re.compile(r"(?:dockerfile|containerfile).*|.+\.(?:dockerfile|containerfile)", re.I)
_COMPOSE = re.compile(r"(?:docker-compose.*|compose(?:[._-].*)?)\.ya?ml", re.I)
_DISUSED_WORDS = word_set("example sample template bak backup old orig disabled")
_OTHER_SUFFIXES = word_set(
    ".py .md .rst .txt .sh .yml .yaml .json .toml .j2 .jinja .tmpl .tpl .dockerignore"
)
_BY_NAME: dict[str, Callable[[Project, str, str], list[Start]]] = {
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
_BY_SUFFIX: dict[str, Callable[[Project, str, str], list[Start]]] = {
    ".service": _systemd,
    ".ini": _ini_file,
    ".conf": _ini_file,
}


def _reader_of(path: str) -> Callable[[Project, str, str], list[Start]] | None:
    """Choose the reader for a file by its name; None when it says nothing about production."""
    name = posixpath.basename(path)
    words = words_of_name(name)
    if not words.isdisjoint(DEVELOPMENT_WORDS | _DISUSED_WORDS):
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
