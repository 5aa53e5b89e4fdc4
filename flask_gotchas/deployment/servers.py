"""What the arguments of a server say about the application."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from flask_gotchas.deployment.model import LONGEST_COMMAND, Start, word_set
from flask_gotchas.deployment.words import assignments_in
from flask_gotchas.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from flask_gotchas.deployment.disk import Project
    from flask_gotchas.deployment.scene import Scene

MODULE = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*\Z")
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
    if not MODULE.match(module):
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


def _server(runner: str, flags: str) -> Callable[[list[str], Scene], Start | None]:
    """Make the reader for servers that are called like gunicorn; flags take no value."""
    takes_value = _is_flag(word_set(f"{flags} -h --help -v --version"))

    def read(words: list[str], scene: Scene) -> Start | None:
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


_FLASK_VALUED = word_set(
    "-A --app -e --env-file -h --host -p --port --cert --key --extra-files --exclude-patterns"
)


def _flask(words: list[str], scene: Scene) -> Start | None:
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


def _flask_app(reference: str, scene: Scene) -> tuple[str | None, str | None, str | None]:
    name, _, attribute = reference.partition(":")
    if "/" not in name and not name.endswith(".py"):
        return (None, *_application(reference))
    target = scene.find(name) or scene.find(f"{name}.py") or scene.find(f"{name}/__init__.py")
    if target:
        return target, _import_name(target, scene.project), _attribute(attribute)
    module, attribute_text = _application(reference.replace(".py", "", 1))
    return None, module, attribute_text


def _import_name(path: str, project: Project) -> str | None:
    """Give the name under which a file is imported: dotted when it lies in a package."""
    folder, _, name = path.rpartition("/")
    parts = [] if name == "__init__.py" else [posixpath.splitext(name)[0]]
    while folder and project.has_file(f"{folder}/__init__.py"):
        folder, _, name = folder.rpartition("/")
        parts.insert(0, name)
    module = ".".join(parts)
    return module if MODULE.match(module) else None


_UWSGI_VALUED = word_set(
    "-w --module --wsgi --wsgi-file --file --callable --mount -s --socket --http --http-socket"
    " --https --chdir --chdir2 --env -H --home --virtualenv --ini -p --processes --workers"
    " --threads --uid --gid --pythonpath --pp"
)


def _uwsgi(words: list[str], scene: Scene) -> Start | None:
    arguments = _arguments(words, _UWSGI_VALUED.__contains__)
    folder = arguments.get("--chdir")
    if folder:
        scene = scene._replace(place=scene.place.moved(folder))
    return uwsgi_start(
        scene,
        module=arguments.get("-w", "--module", "--wsgi"),
        path=arguments.get("--wsgi-file", "--file"),
        mount=arguments.get("--mount"),
        attribute=arguments.get("--callable"),
        address=arguments.get("--http", "--http-socket", "-s", "--socket", "--https"),
        env=[value for name, value in arguments.options if name == "--env"],
    )


def uwsgi_start(
    scene: Scene,
    *,
    module: str | None,
    path: str | None,
    mount: str | None,
    attribute: str | None,
    address: str | None,
    env: Iterable[str],
) -> Start:
    """Give what uWSGI starts with the options that its command line or file has."""
    scene = scene._replace(env={**scene.env, **assignments_in(env)})
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


def _mod_wsgi(words: list[str], scene: Scene) -> Start | None:
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
RUNNERS: dict[str, Callable[[list[str], Scene], Start | None]] = {
    "flask": _flask,
    "gunicorn": _gunicorn,
    "waitress-serve": _waitress,
    "hypercorn": _hypercorn,
    "uvicorn": _uvicorn,
    "granian": _granian,
    "uwsgi": _uwsgi,
    "mod_wsgi-express": _mod_wsgi,
}
MODULE_RUNNERS: dict[str, Callable[[list[str], Scene], Start | None]] = {
    "flask": _flask,
    "gunicorn": _gunicorn,
    "gunicorn.app.wsgiapp": _gunicorn,
    "waitress": _waitress,
    "hypercorn": _hypercorn,
    "uvicorn": _uvicorn,
    "granian": _granian,
}
