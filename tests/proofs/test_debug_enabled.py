"""FLG601: debug mode opens a Python prompt under `app.run()` and drops handlers elsewhere."""

from __future__ import annotations

import http.client
import os
import re
import runpy
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from proving import Site, bad, good, repaired
from serving import Start, record
from support import check

from flask_gotchas.model import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask import Flask

    from flask_gotchas import docs

RULE = "FLG601"
PIN = "314-159-265"

# Runs app.py as a script, on a free port of this machine and without the reloader's second process.
DRIVER = """
import runpy
import werkzeug.serving

real = werkzeug.serving.run_simple

def run_simple(hostname, port, application, **options):
    options["use_reloader"] = False
    real("127.0.0.1", 0, application, **options)

werkzeug.serving.run_simple = run_simple
runpy.run_path("app.py", run_name="__main__")
"""


def started(
    example: docs.Example, site: Callable[[docs.Example], Site], monkeypatch: pytest.MonkeyPatch
) -> Start:
    """Run an example as a script and give what the development server gets."""
    place, starts = site(example), record(monkeypatch)
    runpy.run_path(str(place.folder / "app.py"), run_name="__main__")
    (start,) = starts
    return start


@contextmanager
def serving(folder: Path) -> Iterator[int]:
    """Serve an example on a free port until the block ends."""
    variables = {key: at for key, at in os.environ.items() if not key.startswith("FLASK_")}
    variables |= {"PYTHONDONTWRITEBYTECODE": "1", "WERKZEUG_DEBUG_PIN": PIN}
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", DRIVER],
        cwd=folder,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert process.stderr is not None
    try:
        log = ""
        for line in process.stderr:
            log += line
            running = re.search(r"Running on http://127\.0\.0\.1:(\d+)", line)
            if running:
                yield int(running[1])
                return
        pytest.fail(f"the server did not start:\n{log}")
    finally:
        process.kill()
        process.wait(timeout=30)
        process.stderr.close()


def ask(port: int, path: str, cookie: str = "") -> tuple[http.client.HTTPResponse, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
        answer = connection.getresponse()
        return answer, answer.read().decode()
    finally:
        connection.close()


def test_the_debugger_is_on_and_open_to_the_network(
    site: Callable[[docs.Example], Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    start = started(bad(RULE, 0), site, monkeypatch)
    assert (start.host, start.options["use_debugger"]) == ("0.0.0.0", True)


def test_a_visitor_with_the_pin_runs_python(site: Callable[[docs.Example], Site]) -> None:
    with serving(site(bad(RULE, 0)).folder) as port:
        answer, page = ask(port, "/fail")
        assert answer.status == 500
        assert "ZeroDivisionError" in page
        assert "return 1 / 0" in page, "the source is shown to everybody"

        answer, page = ask(port, "/console")
        secret = re.search(r'SECRET = "(\w+)"', page)
        assert secret, page
        command = {"__debugger__": "yes", "frm": "0", "s": secret[1]}
        code = "6 * 7, __import__('os').getpid()"
        run = f"/console?{urlencode({**command, 'cmd': code})}"
        assert "42" not in ask(port, run)[1], "the PIN is asked for"

        login = urlencode({**command, "cmd": "pinauth", "pin": PIN})
        answer, page = ask(port, f"/console?{login}")
        assert '"auth": true' in page
        cookie = str(answer.headers["Set-Cookie"]).partition(";")[0]
        assert "42" in ask(port, run, cookie)[1]


def test_without_debug_there_is_no_console(site: Callable[[docs.Example], Site]) -> None:
    with serving(site(good(RULE, 0)).folder) as port:
        answer, page = ask(port, "/fail")
        assert (answer.status, "ZeroDivisionError" in page) == (500, False)
        assert ask(port, "/console")[0].status == 404


def test_a_plain_run_starts_no_debugger(
    site: Callable[[docs.Example], Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not started(good(RULE, 0), site, monkeypatch).options["use_debugger"]


def test_a_procfile_starts_the_file_with_the_debugger(
    site: Callable[[docs.Example], Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    place, starts = site(bad(RULE, 2)), record(monkeypatch)
    program, argument = (place.folder / "Procfile").read_text().split()[1:]
    assert program == "python"
    runpy.run_path(str(place.folder / argument), run_name="__main__")
    assert starts[0].options["use_debugger"] is True


def test_the_setting_starts_the_debugger_of_a_plain_run(
    site: Callable[[docs.Example], Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    app, starts = site(bad(RULE, 1)).load().app, record(monkeypatch)
    app.run()
    assert starts[0].options["use_debugger"] is True


def call(app: Flask, path: str) -> str:
    """Ask an application as a WSGI server does, which does not catch what it raises."""
    from werkzeug.test import create_environ, run_wsgi_app

    body, _, _ = run_wsgi_app(app, create_environ(path))
    return b"".join(body).decode()


def test_the_setting_takes_errors_past_the_handler_of_500(
    site: Callable[[docs.Example], Site],
) -> None:
    with pytest.raises(ZeroDivisionError):
        call(site(bad(RULE, 1)).load().app, "/fail")


def test_without_the_setting_the_handler_of_500_answers(
    site: Callable[[docs.Example], Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SHOP_CONFIG", raising=False)
    assert call(site(good(RULE, 1)).load().app, "/fail") == "We are sorry."


def test_the_flask_command_puts_its_own_value_in_place_of_the_setting(
    site: Callable[[docs.Example], Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    from flask.cli import ScriptInfo

    monkeypatch.delenv("FLASK_DEBUG", raising=False)
    app = site(bad(RULE, 1)).load().app
    assert app.debug
    assert not ScriptInfo(create_app=lambda: app).load_app().debug


@pytest.mark.parametrize(
    ("arguments", "debugger"),
    [
        ("debug=True", True),
        ("debug=1", True),
        ("debug='False'", True),
        ("use_debugger=True", True),
        ("debug=False, use_debugger=True", True),
        ("debug=True, use_debugger=False", False),
        ("debug=''", False),
        ("debug=None", False),
        ("", False),
    ],
)
def test_what_switches_the_debugger_on_is_what_is_reported(
    arguments: str,
    debugger: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = f"from flask import Flask\n\napp = Flask(__name__)\napp.run({arguments})\n"
    starts = record(monkeypatch)
    exec(source, {"__name__": "proof"})
    assert bool(starts[0].options["use_debugger"]) is debugger
    assert bool(check({"shop.py": source}, only={RULE})) is debugger


@pytest.mark.parametrize(
    ("setting", "debug"),
    [
        ("app.debug = True", True),
        ("app.config['DEBUG'] = True", True),
        ("app.config.update(DEBUG=True)", True),
        ("app.config.from_mapping({'DEBUG': True})", True),
        ("app.config['DEBUG'] = 'off'", True),
        ("app.config.setdefault('DEBUG', True)", False),
        ("app.config['debug'] = True", False),
    ],
)
def test_what_sets_debug_mode_is_what_is_reported(
    setting: str,
    debug: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("FLASK_DEBUG", raising=False)
    source = f"from flask import Flask\n\napp = Flask(__name__)\n{setting}\n"
    space: dict[str, Any] = {"__name__": "proof"}
    exec(source, space)
    assert bool(space["app"].debug) is debug
    assert bool(check({"shop.py": source}, only={RULE})) is debug


@pytest.mark.parametrize(
    ("files", "severity"),
    [
        ({"shop.py": "app.run(debug=True)"}, Severity.ERROR),
        ({"shop.py": "if __name__ == '__main__':\n    app.run(debug=True)"}, Severity.WARNING),
        ({"shop.py": "if __name__ == '__main__':\n    app.debug = True"}, Severity.WARNING),
        (
            {"shop.py": "if __name__ == '__main__':\n    app.run('0.0.0.0', debug=True)"},
            Severity.ERROR,
        ),
        (
            {
                "shop.py": "if __name__ == '__main__':\n    app.run(debug=True)",
                "Procfile": "web: python shop.py\n",
            },
            Severity.ERROR,
        ),
        (
            {
                "shop.py": "if __name__ == '__main__':\n    app.debug = True",
                "Procfile": "web: python shop.py\n",
            },
            Severity.ERROR,
        ),
    ],
)
def test_it_is_a_warning_where_only_a_developer_is_served(
    files: dict[str, str], severity: Severity
) -> None:
    head = "from flask import Flask\n\napp = Flask(__name__)\n"
    texts = {name: head + text if name == "shop.py" else text for name, text in files.items()}
    (report,) = check(texts, only={RULE})
    assert report.severity is severity


def test_fixed_there_is_no_debug_mode(site: Callable[[docs.Example], Site]) -> None:
    made = site(repaired(RULE, 1))
    assert made.load().app.debug is False
    assert made.client().get("/fail").text == "We are sorry."


def test_fixed_the_program_runs_without_the_debugger(site: Callable[[docs.Example], Site]) -> None:
    for example, given in (
        (repaired(RULE, 0), "{'host': '0.0.0.0'}\n"),
        (repaired(RULE, 2), "{}\n"),
    ):
        text = example.files["app.py"]
        code = f"import flask\nflask.Flask.run = lambda self, **given: print(given)\n{text}"
        assert site(example).run("-c", code).stdout == given
