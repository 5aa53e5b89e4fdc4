"""What the deployment files of a project say about production."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from flask_gotchas.deployment import Start, disk, find_starts, starts_file
from flask_gotchas.deployment.model import LARGEST_FILE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# Every project of these tests has these files, so that a script can be named.
SCRIPTS = {
    "app.py": "",
    "manage.py": "",
    "src/run.py": "",
    "pkg/__init__.py": "",
    "pkg/__main__.py": "",
    "pkg/web.py": "",
}


def write(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")


def starts_of(root: Path, files: Mapping[str, str]) -> tuple[Start, ...]:
    write(root, SCRIPTS)
    write(root, files)
    return find_starts(str(root))


def summary(start: Start) -> str:
    """Show where, by what and which program: `Procfile:1 python app.py`."""
    what = start.target or start.module or "?"
    if start.target and start.module:
        what = f"{start.target}={start.module}"
    attribute = f":{start.attribute}" if start.attribute else ""
    host = f" on {start.host}" if start.host else ""
    debug = " with debug" if start.debug else ""
    return f"{start.file}:{start.line} {start.runner} {what}{attribute}{host}{debug}"


def summaries(root: Path, files: Mapping[str, str]) -> list[str]:
    return [summary(start) for start in starts_of(root, files)]


def of_procfile(root: Path, command: str) -> list[str]:
    found = summaries(root, {"Procfile": f"web: {command}\n"})
    return [text.removeprefix("Procfile:1 ") for text in found]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("python app.py", "python app.py"),
        ("python3 ./app.py --port 80", "python app.py"),
        ("/usr/bin/python3.11 -u app.py", "python app.py"),
        ("venv/bin/python -OB src/run.py", "python src/run.py"),
        ("$VIRTUAL_ENV/bin/python app.py", "python app.py"),
        ("python -X dev -W error::UserWarning app.py", "python app.py"),
        ("python -Xdev -Wignore app.py", "python app.py"),
        ("python --check-hash-based-pycs always app.py", "python app.py"),
        ("python -- app.py", "python app.py"),
        ("python -m pkg", "python pkg"),
        ("python -um pkg.web", "python pkg.web"),
        ("python pkg", "python pkg/__main__.py"),
        ("python manage.py runserver", "python manage.py"),
        ('python "app.py"', "python app.py"),
        ("python app.py > log 2>&1", "python app.py"),
        ("python app.py & ", "python app.py"),
        ("python app.py | tee log", "python app.py"),
        ("FLASK_DEBUG=1 python app.py", "python app.py with debug"),
        ("FLASK_DEBUG=0 python app.py", "python app.py"),
        ("FLASK_DEBUG=False python app.py", "python app.py"),
        ("FLASK_DEBUG=${DEBUG:-1} python app.py", "python app.py with debug"),
        ("FLASK_DEBUG=$DEBUG python app.py", "python app.py"),
        ("export FLASK_DEBUG=1; python app.py", "python app.py with debug"),
        ("FLASK_DEBUG=1; python app.py", "python app.py"),
        ("export FLASK_DEBUG=1; unset FLASK_DEBUG; python app.py", "python app.py"),
        ("exec python app.py", "python app.py"),
        ("env -u HOME FLASK_DEBUG=1 python app.py", "python app.py with debug"),
        ("nohup nice -n 5 python app.py", "python app.py"),
        ("sudo -E -u www python app.py", "python app.py"),
        ("timeout -k 5 60 python app.py", "python app.py"),
        ("gosu www python app.py", "python app.py"),
        ("poetry run python app.py", "python app.py"),
        ("pipenv run python app.py", "python app.py"),
        ("pdm run python app.py", "python app.py"),
        ("uv run --extra web python app.py", "python app.py"),
        ("uv run app.py", "python app.py"),
        ("uv run -m pkg", "python pkg"),
        ("conda run -n web --no-capture-output python app.py", "python app.py"),
        ("tini -g -- python app.py", "python app.py"),
        ("dumb-init --rewrite 15:3 python app.py", "python app.py"),
        ("newrelic-admin run-program python app.py", "python app.py"),
        ("ddtrace-run python app.py", "python app.py"),
        ("opentelemetry-instrument --service_name web python app.py", "python app.py"),
        ("./wait-for-it.sh db:5432 -t 30 -- python app.py", "python app.py"),
        ("sh -c 'python app.py'", "python app.py"),
        ("bash -lc 'cd src && exec python run.py'", "python src/run.py"),
        ("bash -euo pipefail -c 'python app.py'", "python app.py"),
        ("sh -c 'exec \"$@\"' -- python app.py", "python app.py"),
        ("cd src; python run.py", "python src/run.py"),
        ("while ! nc -z db 1; do sleep 1; done; python app.py", "python app.py"),
        ("flask run", "flask ?"),
        ("flask --app pkg.web run -h 0.0.0.0", "flask pkg.web on 0.0.0.0"),
        ("flask -A pkg.web:create_app run", "flask pkg.web:create_app"),
        ("flask --app=\"pkg.web:make('x')\" run", "flask pkg.web:make('x')"),
        ("flask --app app.py:site run", "flask app.py=app:site"),
        ("flask --app pkg/web.py run", "flask pkg/web.py=pkg.web"),
        ("flask --app pkg/web run", "flask pkg/web.py=pkg.web"),
        ("flask --app ./pkg run", "flask pkg/__init__.py=pkg"),
        ("FLASK_APP=app.py python -m flask run", "flask app.py=app"),
        ("FLASK_RUN_HOST=0.0.0.0 flask run", "flask ? on 0.0.0.0"),
        ("flask --debug run", "flask ? with debug"),
        ("flask run --debug --port 80", "flask ? with debug"),
        ("flask run --debugger", "flask ? with debug"),
        ("FLASK_DEBUG=1 flask run --no-debug", "flask ?"),
        ("gunicorn app:app", "gunicorn app:app"),
        ("gunicorn -w 4 -b 0.0.0.0:$PORT --preload pkg.web:app", "gunicorn pkg.web:app on 0.0.0.0"),
        (
            "gunicorn --bind=[::1]:80 -w4 'pkg.web:create_app()'",
            "gunicorn pkg.web:create_app() on ::1",
        ),
        ("gunicorn -b unix:/run/web.sock app", "gunicorn app"),
        ("gunicorn -b :8000 app", "gunicorn app"),
        ("gunicorn -b 8000 app", "gunicorn app"),
        ("gunicorn -b '$HOST:80' app", "gunicorn app"),
        ("gunicorn 'app:$NAME'", "gunicorn app"),
        ("gunicorn -c gunicorn.conf.py", "gunicorn ?"),
        ("python -m gunicorn -k gevent app:app", "gunicorn app:app"),
        (
            "waitress-serve --listen=*:80 --call pkg.web:create_app",
            "waitress pkg.web:create_app() on *",
        ),
        ("python -m waitress --host 127.0.0.1 app:app", "waitress app:app on 127.0.0.1"),
        ("waitress-serve --app=pkg.web:app", "waitress pkg.web:app"),
        ("hypercorn --debug app:app -b 0.0.0.0:80", "hypercorn app:app on 0.0.0.0"),
        ("uvicorn --factory pkg.web:make --host ::", "uvicorn pkg.web:make() on ::"),
        ("uwsgi --http 0.0.0.0:80 --master -w app:site", "uwsgi app:site on 0.0.0.0"),
        ("uwsgi --wsgi-file src/run.py --callable site", "uwsgi src/run.py=run:site"),
        ("uwsgi --mount /api=pkg.web:app --env FLASK_DEBUG=1", "uwsgi pkg.web:app with debug"),
        ("mod_wsgi-express start-server app.py --port 80", "mod_wsgi app.py"),
    ],
)
def test_a_command_is_understood(tmp_path: Path, command: str, expected: str) -> None:
    assert of_procfile(tmp_path, command) == [expected]


@pytest.mark.parametrize(
    "command",
    [
        "python missing.py",
        "python ../app.py",
        "python /elsewhere/app.py",
        "python $SCRIPT",
        "python $OPTIONS app.py",
        "python -c 'import app' app.py",
        "python --version app.py",
        "python - app.py",
        "python",
        "python -m",
        "python -m http.server",
        "python -m pip install app.py",
        "python -m $MODULE",
        "$PYTHON app.py",
        "echo python app.py",
        "# python app.py",
        "echo hi # ; python app.py",
        "echo 'a; python app.py'",
        "watchmedo auto-restart -- python app.py",
        "flask db upgrade",
        "flask --app run db upgrade",
        "flask run --help",
        "gunicorn --version",
        "gunicorn --help",
        "poetry run app.py",
        "poetry run -m pkg",
        "cd && python app.py",
        'cd "$(dirname "$0")" && python app.py',
        "false && python app.py",
        '[ -n "$DEV" ] && python app.py',
        "test -f x && echo x && python app.py",
        "gunicorn_missing || python app.py",
        "if true; then python app.py; else python manage.py; fi",
        "(cd src && python run.py)",
        "echo $(date; hostname) python app.py",
        "echo $(echo $(echo $(date))) python app.py",
        "exec sleep 1; python app.py",
        "exit 0; python app.py",
        "cd $WHERE && python app.py",
        "cd - && python app.py",
        "cd $WHERE; cd ..; python app.py",
        "cd src && python app.py",
        "python 'app.py",
        "sh -s app.py",
        "sh -c",
        "bash",
        "mod_wsgi-express module-config",
        "sudo",
        "wait-for-it.sh db:5432",
        "poetry install python app.py",
    ],
)
def test_a_command_that_is_not_sure_to_start_something_is_left_out(
    tmp_path: Path, command: str
) -> None:
    assert of_procfile(tmp_path, command) == []


def test_a_chain_starts_everything_in_it(tmp_path: Path) -> None:
    assert of_procfile(tmp_path, "python manage.py db upgrade && gunicorn app:app") == [
        "gunicorn app:app",
        "python manage.py",
    ]


DOCKERFILE = "Dockerfile"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('FROM python\nCMD ["python", "app.py"]\n', "2 python app.py"),
        ("FROM python\nCMD python app.py\n", "2 python app.py"),
        ("FROM python\ncmd python app.py", "2 python app.py"),
        ("FROM python\r\nCMD python \\\r\n  app.py\r\n", "2 python app.py"),
        ("FROM python\nCMD python \\\n# why\n\n  -u \\\n app.py", "2 python app.py"),
        ('FROM python\nENTRYPOINT ["python"]\nCMD ["app.py"]\n', "3 python app.py"),
        ('FROM python\nENTRYPOINT ["python", "app.py"]\nCMD ["-v"]\n', "2 python app.py"),
        ('FROM python\nCMD ["app.py"]\nENTRYPOINT ["python"]\n', "2 python app.py"),
        ('FROM x\nENTRYPOINT ["tini", "--"]\nCMD python app.py\n', "3 python app.py"),
        ("FROM x\nENTRYPOINT python app.py\nCMD python manage.py\n", "2 python app.py"),
        ("FROM x\nCMD python manage.py\nCMD python app.py\n", "3 python app.py"),
        ("FROM x\nWORKDIR /app\nCOPY . .\nCMD python /app/app.py", "4 python app.py"),
        ("FROM x\nCOPY . /srv/\nCMD python /srv/src/run.py", "3 python src/run.py"),
        ("FROM x\nWORKDIR /app\nWORKDIR src\nCMD python run.py", "4 python src/run.py"),
        ("FROM x\nWORKDIR /app\nCMD python /app/app.py", "3 python app.py"),
        ("FROM x\nWORKDIR /a\nCOPY src /a\nCMD python run.py", "4 python src/run.py"),
        ("FROM x\nWORKDIR /a\nCOPY app.py pkg/ ./\nCMD python app.py", "4 python app.py"),
        ("FROM x\nCOPY / /a\nCMD python /a/app.py", "3 python app.py"),
        ("FROM x\nCOPY src/ru?.py /a/\nCMD python /a/run.py", "3 python src/run.py"),
        ("ARG B=y\nFROM x AS y\nCMD python app.py\nFROM $B", "3 python app.py"),
        ("FROM x\nCOPY src/*.py /a/\nCMD python /a/run.py", "3 python src/run.py"),
        ('FROM x\nCOPY ["src/run.py", "/go.py"]\nCMD python /go.py', "3 python src/run.py"),
        ("FROM x\nENV D=/app\nWORKDIR $D\nCOPY . $D\nCMD python $D/app.py", "5 python app.py"),
        ("FROM x\nARG D=/app\nCOPY . ${D}\nWORKDIR ${D}\nCMD python app.py", "5 python app.py"),
        ("FROM x\nENV FLASK_DEBUG=1\nCMD python app.py", "3 python app.py with debug"),
        ("FROM x\nENV FLASK_DEBUG 1\nCMD python app.py", "3 python app.py with debug"),
        (
            "FROM x\nENV FLASK_APP=pkg.web FLASK_DEBUG=1\nCMD flask run",
            "3 flask pkg.web with debug",
        ),
        ("FROM x AS build\nCMD python manage.py\nFROM x\nCMD python app.py", "4 python app.py"),
        ("FROM x AS base\nCMD python app.py\nFROM base\nRUN ls", "2 python app.py"),
        (
            "FROM x AS build\nCOPY . /app\nFROM y\nCOPY --from=build /app/src /s\n"
            "CMD python /s/run.py",
            "5 python src/run.py",
        ),
        (
            "FROM x\nCOPY . /app\nFROM y\nCOPY --from=0 --chown=me / /\nCMD python /app/app.py",
            "5 python app.py",
        ),
        ("FROM x\nRUN <<EOF\nCMD python manage.py\nEOF\nCMD python app.py", "5 python app.py"),
        ("FROM x\nRUN cat <<< CMD && echo $((1<<3))\nCMD python app.py", "3 python app.py"),
        ('FROM x\nCMD ["sh", "-c", "python app.py"]', "2 python app.py"),
    ],
)
def test_a_dockerfile_starts_what_its_last_stage_says(
    tmp_path: Path, text: str, expected: str
) -> None:
    assert summaries(tmp_path, {DOCKERFILE: text}) == [f"Dockerfile:{expected}"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "CMD python app.py",
        "FROM x\nRUN python app.py",
        "FROM x\n# CMD python app.py",
        "FROM x\nHEALTHCHECK CMD python app.py",
        "FROM x\nONBUILD CMD python app.py",
        "FROM x AS build\nCMD python app.py\nFROM x\nRUN ls",
        "FROM x AS base\nCMD python app.py\nFROM base\nENTRYPOINT []\nCMD []",
        'FROM x AS base\nCMD ["app.py"]\nFROM base\nENTRYPOINT ["python"]',
        "FROM x\nCMD python app.py\nFROM x AS development\nCMD python app.py",
        'FROM x\nCMD ["python", "$SCRIPT"]',
        'FROM x\nENTRYPOINT ["/missing.sh"]\nCMD ["python", "app.py"]',
        "FROM x\nCOPY src /app\nWORKDIR /app\nCMD python app.py",
        "FROM x\nCOPY missing /b\nCOPY src /app\nWORKDIR /app\nCMD python app.py",
        "FROM x\nCOPY app.py pkg/web.py /a/\nCMD python /a/other.py",
        "FROM x\nCOPY <<EOF /start.sh\nls\nCMD python app.py\nEOF",
        "FROM x\nCOPY . /app\nCMD cd /tmp && python app.py",
        "FROM x\nCOPY . /app\nCMD python /app/../other/app.py",
        "FROM x\nCOPY ../.. /app\nCMD python /app/app.py",
        "FROM x\nCOPY --from=other /app /app\nCMD python /app/app.py",
        "FROM x\nENV SCRIPT=$SCRIPT.py\nCMD python $SCRIPT",
    ],
)
def test_a_dockerfile_that_does_not_start_a_script_of_the_project_says_nothing(
    tmp_path: Path, text: str
) -> None:
    assert summaries(tmp_path, {DOCKERFILE: text}) == []


def test_a_dockerfile_in_a_folder_may_be_built_from_there_or_from_the_root(tmp_path: Path) -> None:
    text = "FROM x\nWORKDIR /app\nCOPY . .\nCMD python {}"
    files = {
        "api/Dockerfile": text.format("serve.py"),
        "api/serve.py": "",
        "docker/Dockerfile": text.format("app.py"),
    }
    assert summaries(tmp_path, files) == [
        "api/Dockerfile:4 python api/serve.py",
        "docker/Dockerfile:4 python app.py",
    ]


@pytest.mark.parametrize(
    "name",
    [
        "Dockerfile",
        "Dockerfile.prod",
        "Dockerfile-web",
        "web.Dockerfile",
        "Containerfile",
        "deploy/docker/web/Dockerfile",
        ".deploy/Dockerfile",
        "latest/Dockerfile",
    ],
)
def test_a_file_for_production_counts(tmp_path: Path, name: str) -> None:
    assert summaries(tmp_path, {name: "FROM x\nCMD python -m pkg"}) == [f"{name}:2 python pkg"]


@pytest.mark.parametrize(
    "name",
    [
        "Dockerfile.dev",
        "Dockerfile-local",
        "DockerfileDev",
        "Dockerfile.test2",
        "dev.Dockerfile",
        "Dockerfile.debug",
        "Dockerfile.example",
        "Dockerfile.dockerignore",
        "Dockerfile.md",
        "NotADockerfile.txt",
        "dev/Dockerfile",
        "tests/docker/Dockerfile",
        ".devcontainer/Dockerfile",
        ".git/Dockerfile",
        "venv/Dockerfile",
        "node_modules/x/Dockerfile",
        "a/b/c/d/Dockerfile",
    ],
)
def test_a_file_for_development_or_out_of_reach_does_not_count(tmp_path: Path, name: str) -> None:
    assert summaries(tmp_path, {name: "FROM x\nCMD python -m pkg"}) == []


def test_a_virtual_environment_of_any_name_is_skipped(tmp_path: Path) -> None:
    files = {"py3/pyvenv.cfg": "", "py3/Procfile": "web: python -m pkg"}
    assert summaries(tmp_path, files) == []


def test_a_procfile_starts_all_its_processes_but_those_for_development(tmp_path: Path) -> None:
    files = {
        "Procfile": (
            "# python manage.py\nweb: gunicorn app:app\nworker-1: python app.py\n"
            "dev: flask run --debug\nno process\nno name: python app.py\n"
            "release: flask db upgrade\n"
        ),
        "Procfile.dev": "web: python app.py",
        "Procfile.local": "web: python app.py",
    }
    assert summaries(tmp_path, files) == [
        "Procfile:2 gunicorn app:app",
        "Procfile:3 python app.py",
    ]


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ("    command: python app.py\n", "3 python app.py"),
        ("    image: x\n    command: python app.py  # go\n", "4 python app.py"),
        ('    command: "python app.py"\n', "3 python app.py"),
        ("    command: 'python app.py'\n", "3 python app.py"),
        ('    command: ["python", "app.py"] # go\n', "3 python app.py"),
        ("    command: [python, '-u', app.py]\n", "3 python app.py"),
        ('    command: [\n      "python",\n      "app.py",\n    ]\n', "3 python app.py"),
        ("    command:\n      - python\n      - app.py\n", "3 python app.py"),
        ("    command: # why\n      - python\n      - app.py\n", "3 python app.py"),
        ("    command:\n    - python\n    # why\n    - app.py\n", "3 python app.py"),
        ("    command: >-\n      python\n      app.py\n", "3 python app.py"),
        ("    command: |\n      python\n      app.py\n", "3 python app.py"),
        ("    command: python\n      app.py\n", "3 python app.py"),
        ("    command: |\n      python\n\n      app.py\n    image: x", "3 python app.py"),
        ("    command:\n      -\n        python\n      - app.py\n", "3 python app.py"),
        ("    'command': sh -c 'python ''app.py'''\n", "3 python app.py"),
        ('    "command": !!str "sh -c \\"python app.py\\""\n', "3 python app.py"),
        ("    command: python /a/app.py\n    volumes: ['.:/a']\n", "3 python app.py"),
        ('    command: "python\n      app.py"\n', "3 python app.py"),
        ("    command: sh -c 'cd src && python run.py'\n", "3 python src/run.py"),
        ("    entrypoint: python\n    command: app.py\n", "4 python app.py"),
        ("    entrypoint: python app.py\n", "3 python app.py"),
        ("    command: flask run --host=${HOST:-0.0.0.0}\n", "3 flask ? on 0.0.0.0"),
        (
            "    environment:\n      FLASK_DEBUG: 1\n    command: flask run\n",
            "5 flask ? with debug",
        ),
        (
            "    environment:\n      - FLASK_DEBUG=1\n    command: flask run\n",
            "5 flask ? with debug",
        ),
        ("    environment: {FLASK_DEBUG: '1'}\n    command: flask run\n", "4 flask ? with debug"),
        ("    command: python run.py\n    working_dir: /x/src\n", "3 python src/run.py"),
        ("    command: python run.py\n    build: ./src\n", "3 python src/run.py"),
        (
            "    command: python /a/run.py\n    volumes:\n      - ./src:/a:ro\n",
            "3 python src/run.py",
        ),
        ("    profiles: [web, dev]\n    command: python app.py\n", "4 python app.py"),
    ],
)
def test_a_compose_service_is_understood(tmp_path: Path, service: str, expected: str) -> None:
    files = {"docker-compose.yml": f"services:\n  web:\n{service}"}
    assert summaries(tmp_path, files) == [f"docker-compose.yml:{expected}"]


@pytest.mark.parametrize(
    "text",
    [
        "services:\n  web:\n    image: x\n",
        "services:\n  web:\n    command: python missing.py\n",
        "services:\n  web:\n    command:\n",
        "services:\n  web:\n    command:\n    image: python app.py\n",
        "services:\n  web:\n    command: python /a/app.py\n    volumes: ['/a', 'data:/a']\n",
        "services:\n  web:\n    command: []\n",
        "services:\n  web:\n    command: 'python app.py\n",
        "services:\n  web:\n    command: [python, app.py\n",
        "services:\n  web:\n    command: [[python, app.py]]\n",
        "services:\n  web:\n\tcommand: python app.py\n",
        "services:\n  web:\n    # command: python app.py\n",
        "services:\n  web:\n    labels:\n      command: python app.py\n",
        "services:\n  web-dev:\n    command: python app.py\n",
        "services:\n  web:\n    profiles: [dev]\n    command: python app.py\n",
        "services:\n  web:\n    build: {context: ., target: dev}\n    command: python app.py\n",
        "services:\n  web:\n    build: {dockerfile: Dockerfile.dev}\n    command: python app.py\n",
        "services:\n  web:\n    healthcheck:\n      test: python app.py\n",
        "services:\n  - command: python app.py\n",
        "services: web\n",
        "services:\n  : x\n  web:\n    command: python app.py\n",
        "web:\n  command: python app.py\n",
        "command: python app.py\n---\nservices:\n  web:\n    command: python app.py\n",
        "services:\n" + "".join(f"{' ' * depth}a:\n" for depth in range(1, 200)),
    ],
)
def test_a_compose_file_without_a_start_says_nothing(tmp_path: Path, text: str) -> None:
    assert summaries(tmp_path, {"compose.yaml": text}) == []


def test_compose_anchors_and_merges_are_followed(tmp_path: Path) -> None:
    text = (
        "---\n"
        "x-base: &base\n"
        "  environment: &env\n"
        "    FLASK_DEBUG: 'yes'\n"
        "  command: &command python app.py\n"
        "services:\n"
        "  one:\n"
        "    <<: *base\n"
        "  two:\n"
        "    command: *command\n"
        "  three:\n"
        "    environment:\n"
        "      <<: *env\n"
        "      OTHER: x\n"
        "    command: flask run\n"
    )
    assert summaries(tmp_path, {"compose.yml": text}) == [
        "compose.yml:5 python app.py with debug",
        "compose.yml:10 python app.py",
        "compose.yml:15 flask ? with debug",
    ]


def test_a_compose_command_runs_in_the_image_that_the_service_is_built_from(
    tmp_path: Path,
) -> None:
    files = {
        "api/serve.py": "",
        "api/Dockerfile": (
            "FROM x AS base\nWORKDIR /app\nCOPY . .\nENV FLASK_DEBUG=1\nFROM base AS web\n"
            'ENTRYPOINT ["python"]\nFROM x\n'
        ),
        "deploy/docker-compose.prod.yml": (
            "services:\n  web:\n    build:\n      context: ../api\n      target: web\n"
            "    command: /app/serve.py\n"
        ),
    }
    assert summaries(tmp_path, files) == [
        "deploy/docker-compose.prod.yml:6 python api/serve.py with debug"
    ]


@pytest.mark.parametrize(
    "name",
    [
        "docker-compose.dev.yml",
        "docker-compose.override.yml",
        "docker-compose-local.yaml",
        "compose.test.yaml",
        "composer.yaml",
        "compose.json",
    ],
)
def test_a_compose_file_for_development_does_not_count(tmp_path: Path, name: str) -> None:
    assert summaries(tmp_path, {name: "services:\n  web:\n    command: python app.py\n"}) == []


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "web.service",
            "[Service]\nWorkingDirectory=/srv/web\nExecStart=/srv/web/venv/bin/python app.py\n",
            "3 python app.py",
        ),
        (
            "web.service",
            "[Service]\nExecStart=-@/usr/bin/python3 \\\n  /srv/web/src/run.py\n"
            "WorkingDirectory=/srv/web\n",
            "2 python src/run.py",
        ),
        (
            "web.service",
            "[Service]\nWorkingDirectory=/srv/web/src\nExecStart=/usr/bin/python run.py",
            "3 python src/run.py",
        ),
        (
            "web.service",
            '[Service]\nEnvironment="FLASK_DEBUG=1" A=b\nExecStart=/x/flask --app pkg.web run\n',
            "3 flask pkg.web with debug",
        ),
        (
            "web.service",
            "[Service]\nExecStart=/bin/python -m pkg.web\nExecStart=\nExecStart=/x/python -m pkg\n",
            "4 python pkg",
        ),
        (
            "web.service",
            "[Service]\nExecStart=/bin/bash -c 'cd /srv/web && exec gunicorn app:app'\n",
            "2 gunicorn app:app",
        ),
        (
            "web.service",
            "[Service]\nType=simple\n  ExecStart=/bin/python -m pkg\n",
            "3 python pkg",
        ),
        (
            "supervisord.conf",
            "[supervisord]\nnodaemon=true\n[program:web]\ndirectory=/app ; there\n"
            'command=python app.py ; go\nenvironment=A="b",FLASK_DEBUG="1"\n',
            "5 python app.py with debug",
        ),
        (
            "supervisor/web.conf",
            "[program:web]\ncommand=gunicorn\n  -b 0.0.0.0:80\n  app:app\n",
            "2 gunicorn app:app on 0.0.0.0",
        ),
        (
            "uwsgi.ini",
            "[uwsgi]\n; comment\nmodule = app:site\nhttp = 0.0.0.0:80\n"
            "env = A=b\nenv = FLASK_DEBUG=1\n",
            "3 uwsgi app:site on 0.0.0.0 with debug",
        ),
        (
            "uwsgi.ini",
            "[uwsgi]\nchdir = /app\nwsgi-file = src/run.py\ncallable = site\n",
            "3 uwsgi src/run.py=run:site",
        ),
        ("uwsgi.ini", "[uwsgi]\nmount = /=pkg/web.py\n", "2 uwsgi pkg/web.py=pkg.web"),
        ("uwsgi.ini", "[uwsgi]\nmount = /x=pkg.web:app\n", "2 uwsgi pkg.web:app"),
        ("uwsgi.ini", "[uwsgi]\nset = FLASK_DEBUG=1\nwsgi = app\n", "3 uwsgi app"),
        (
            "app.yaml",
            "runtime: python312\nentrypoint: gunicorn -b :$PORT app:app\n"
            "env_variables:\n  FLASK_DEBUG: 'true'\n",
            "2 gunicorn app:app with debug",
        ),
        (
            "render.yaml",
            "services:\n  - type: web\n    name: site\n    rootDir: src\n"
            "    envVars:\n      - key: FLASK_DEBUG\n        value: 1\n"
            "    startCommand: python run.py\n",
            "8 python src/run.py with debug",
        ),
        (
            "fly.toml",
            "app = 'python app.py'\n[env]\n  FLASK_DEBUG = \"1\"\n[processes]\n"
            '  app = "python app.py" # go\n',
            "5 python app.py with debug",
        ),
        ("fly.toml", '[experimental]\ncmd = ["python", "app.py"]\n', "2 python app.py"),
        ("railway.toml", '[deploy]\nstartCommand = "python app.py"\n', "2 python app.py"),
        (
            "railway.json",
            '{\n  "build": {"builder": "X"},\n'
            '  "deploy": {\n    "startCommand": "python app.py"\n  }\n}',
            "4 python app.py",
        ),
        (
            "heroku.yml",
            "build:\n  docker:\n    web: x\nrun:\n  web: python app.py\n",
            "5 python app.py",
        ),
        (
            "heroku.yml",
            "run:\n  web:\n    command:\n      - python app.py\n    image: x\n",
            "3 python app.py",
        ),
        (
            "heroku.yml",
            "run:\n  web: >\n    cd src;\n    python\n    run.py\n",
            "2 python src/run.py",
        ),
        ("heroku.yml", "run:\n  web: |\n    cd src\n    python run.py\n", "2 python src/run.py"),
        (
            ".platform.app.yaml",
            "name: app\nvariables:\n  env:\n    FLASK_DEBUG: 1\n"
            "web:\n  commands:\n    start: python app.py\n",
            "7 python app.py with debug",
        ),
        ("nixpacks.toml", "[phases.build]\n[start]\ncmd = 'python app.py'\n", "3 python app.py"),
    ],
)
def test_a_deployment_file_of_another_kind_is_understood(
    tmp_path: Path, name: str, text: str, expected: str
) -> None:
    assert summaries(tmp_path, {name: text}) == [f"{name}:{expected}"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("web.service", "[Unit]\nExecStart=/bin/python -m pkg\n"),
        ("web.service", "[Service]\n#ExecStart=/bin/python -m pkg\n"),
        (
            "web.service",
            "[Service]\nExecStartPre=/bin/python -m pkg\nExecStop=/bin/python -m pkg\n",
        ),
        ("web.service", "[Service]\nExecStart=/bin/python /srv/web/app.py\n"),
        ("web.service", "[Service]\nExecStart=/bin/python 'app.py\n"),
        ("web-dev.service", "[Service]\nExecStart=/bin/python -m pkg\n"),
        ("supervisord.conf", "[program:web_dev]\ncommand=python app.py\n"),
        ("supervisord.conf", "[program:web]\n;command=python app.py\n"),
        ("supervisord.conf", "[supervisord]\ncommand=python app.py\n"),
        ("nginx.conf", "server {\n  command = python app.py;\n}\n"),
        ("setup.ini", "[tool]\nmodule = app\n"),
        ("uwsgi.ini", "[uwsgi]\nmaster = true\n"),
        ("uwsgi.ini", "[uwsgi]\nwsgi-file = missing.py\n"),
        ("app.yaml", "entrypoint: python app.py\n"),
        ("app.yaml", "- runtime\n"),
        ("render.yaml", "services:\n  - buildCommand: python app.py\n"),
        ("render.yaml", "services:\n  - name: web-dev\n    startCommand: python app.py\n"),
        ("fly.toml", "[deploy]\nrelease_command = 'python app.py'\n"),
        ("fly.toml", "[experimental]\nexec = 'python app.py'\n"),
        ("fly.toml", "[processes]\ndev = 'python app.py'\n"),
        ("fly.toml", "[other]\ncmd = 'python app.py'\n"),
        ("butter.toml", "[processes]\napp = 'python app.py'\n"),
        ("fly.dev.toml", "[processes]\napp = 'python app.py'\n"),
        ("railway.toml", '[build]\nstartCommand = "python app.py"\n'),
        ("railway.toml", 'x = """\n[deploy]\nstartCommand = "python app.py"\n"""\n'),
        ("railway.json", '{"build": {"startCommand": "python app.py"}}'),
        ("railway.json", '{"deploy": {"startCommand": 1}}'),
        ("railway.json", "[" * 10_000),
        ("heroku.yml", "run:\n  dev: python app.py\n"),
        ("heroku.yml", "release:\n  command:\n    - python app.py\n"),
        (".platform.app.yaml", "hooks:\n  deploy: python app.py\n"),
        ("nixpacks.toml", '[phases.build]\ncmd = "python app.py"\n'),
        ("Makefile", "run:\n\tpython app.py\n"),
        ("package.json", '{"scripts": {"start": "python app.py"}}'),
    ],
)
def test_a_deployment_file_that_starts_nothing_says_nothing(
    tmp_path: Path, name: str, text: str
) -> None:
    assert summaries(tmp_path, {name: text}) == []


DOCKER_SCRIPT = "FROM x\nWORKDIR /app\nCOPY . .\n"


@pytest.mark.parametrize(
    ("command", "script"),
    [
        ('["./start.sh"]', "start.sh"),
        ('["/app/start.sh"]', "start.sh"),
        ("sh start.sh", "start.sh"),
        ("bash -x /app/bin/start.sh now", "bin/start.sh"),
        ("./bin/start", "bin/start"),
    ],
)
def test_a_script_that_is_started_is_read(tmp_path: Path, command: str, script: str) -> None:
    text = "#!/usr/bin/env bash\nset -e\n\nexec python app.py\n"
    files = {"Dockerfile": f"{DOCKER_SCRIPT}CMD {command}\n", script: text}
    assert summaries(tmp_path, files) == [f"{script}:4 python app.py"]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("export FLASK_DEBUG=1\nflask run\n", ["2 flask ? with debug"]),
        ("if [ -f x ]; then\n  export FLASK_DEBUG=1\nfi\nflask run\n", ["4 flask ?"]),
        ("export FLASK_DEBUG=0\nFLASK_DEBUG=1\nflask run\n", ["3 flask ? with debug"]),
        ("FLASK_DEBUG=1\nexport FLASK_DEBUG\nflask run\n", ["3 flask ? with debug"]),
        ("export FLASK_DEBUG=1\n[ $X ] && unset FLASK_DEBUG\nflask run\n", ["3 flask ?"]),
        ("cat <<EOF\npython app.py\n", []),
        ("NAME=app\npython $NAME.py\n", ["2 python app.py"]),
        ("NAME=app\n[ -n $X ] && NAME=manage\npython $NAME.py\n", []),
        (
            "python manage.py init && \\\n  python app.py\n",
            ["1 python manage.py", "2 python app.py"],
        ),
        ("[ -n $X ] &&\n  python app.py\n", []),
        ("cd src\npython run.py\n", ["2 python src/run.py"]),
        ('cd "$(dirname "$0")/.."\npython app.py\n', ["2 python app.py"]),
        ('cd "$(dirname "$0")"\npython ../app.py\n', ["2 python app.py"]),
        ('cd "${0%/*}/../src"\npython run.py\n', ["2 python src/run.py"]),
        ("cat <<EOF\npython app.py\nEOF\npython manage.py\n", ["4 python manage.py"]),
        ("cat <<-'EOF'\npython app.py\n\tEOF\npython manage.py\n", ["4 python manage.py"]),
        ("serve() {\n  python app.py\n}\npython manage.py\n", ["4 python manage.py"]),
        ("function serve {\n  python app.py\n}\npython manage.py\n", ["4 python manage.py"]),
        (
            'case "$1" in\n  a|b) python app.py ;;\n  (c) ls ;;\nesac\npython manage.py\n',
            ["5 python manage.py"],
        ),
        ("for x in 1 2; do python app.py; done\npython manage.py\n", ["2 python manage.py"]),
        ("exec 2>&1\npython app.py\n", ["2 python app.py"]),
        ("exec python app.py\npython manage.py\n", ["1 python app.py"]),
        ("exit 0\npython app.py\n", []),
        ("sh other.sh\n", []),
        ("echo 'open\npython app.py\n", []),
    ],
)
def test_the_commands_of_a_script_that_surely_run_are_starts(
    tmp_path: Path, script: str, expected: list[str]
) -> None:
    files = {"Procfile": "web: sh bin/go.sh", "bin/go.sh": script, "other.sh": "python app.py"}
    assert summaries(tmp_path, files) == [f"bin/go.sh:{line}" for line in expected]


@pytest.mark.parametrize("passes_on", ['exec "$@"', 'exec gosu www "$@"', '"${@}"', "tini -- $@"])
def test_a_command_that_an_entry_point_passes_on_stands_in_the_dockerfile(
    tmp_path: Path, passes_on: str
) -> None:
    files = {
        "Dockerfile": (
            "FROM x\nWORKDIR /app\nCOPY . .\nCOPY entry.sh /usr/local/bin/\n"
            'ENTRYPOINT ["entry.sh"]\nCMD ["python", "app.py"]\n'
        ),
        "entry.sh": f"#!/bin/sh\nset -e\nexport FLASK_DEBUG=1\nflask db upgrade\n{passes_on}\n",
    }
    assert summaries(tmp_path, files) == ["Dockerfile:6 python app.py with debug"]


@pytest.mark.parametrize("script", ["ls\n", 'shift\nexec "$@"\n', 'set -- ls "$@"\nexec "$@"\n'])
def test_a_command_that_an_entry_point_does_not_pass_on_is_no_start(
    tmp_path: Path, script: str
) -> None:
    files = {
        "Dockerfile": f'{DOCKER_SCRIPT}ENTRYPOINT ["./entry.sh"]\nCMD ["python", "app.py"]\n',
        "entry.sh": script,
    }
    assert summaries(tmp_path, files) == []


def test_an_entry_point_may_pass_on_a_script(tmp_path: Path) -> None:
    files = {
        "Dockerfile": f'{DOCKER_SCRIPT}ENTRYPOINT ["./entry.sh"]\nCMD ["./start.sh"]\n',
        "entry.sh": 'exec "$@"\n',
        "start.sh": "python app.py\n",
    }
    assert summaries(tmp_path, files) == ["start.sh:1 python app.py"]


def test_scripts_that_start_each_other_come_to_an_end(tmp_path: Path) -> None:
    files = {
        "Procfile": "web: ./a.sh ./a.sh ./a.sh ./a.sh ./a.sh ./a.sh ./a.sh ./a.sh python app.py\n",
        "a.sh": '"$@"\n"$@"\nsh a.sh "$@"\n',
    }
    assert summaries(tmp_path, files) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [("start", "python app.py\n"), ("start.sh", "#!/usr/bin/env ruby\npython app.py\n")],
)
def test_a_script_for_an_unknown_interpreter_is_not_read(
    tmp_path: Path, name: str, text: str
) -> None:
    assert summaries(tmp_path, {"Procfile": f"web: ./{name}\n", name: text}) == []


def test_nothing_outside_the_project_is_a_target(tmp_path: Path) -> None:
    write(tmp_path, {"outside.py": "", "outside.sh": "python -m pkg", "other/x.py": ""})
    files = {
        "Procfile": (
            f"a: python ../outside.py\nb: python {tmp_path}/outside.py\nc: sh ../outside.sh\n"
        ),
        "Dockerfile": "FROM x\nCOPY .. /app\nCMD python /app/outside.py",
        "web.service": f"[Service]\nWorkingDirectory={tmp_path}\nExecStart=/x/python outside.py\n",
        "compose.yml": (
            "services:\n  a:\n    build: ../other\n    command: python x.py\n"
            "  b:\n    volumes: ['../other:/x']\n    command: python /x/x.py\n"
        ),
    }
    assert summaries(tmp_path / "project", files) == []


def test_a_python_script_may_be_started_by_its_name(tmp_path: Path) -> None:
    files = {
        "Procfile": "web: ./serve.py\nother: ./plain.py\n",
        "serve.py": "#!/usr/bin/env python3\n",
        "plain.py": "",
    }
    assert summaries(tmp_path, files) == ["Procfile:1 python serve.py"]


def test_starts_are_sorted_by_file_and_line(tmp_path: Path) -> None:
    starts = starts_of(
        tmp_path,
        {
            "b/Procfile": "web: gunicorn app:app\n",
            "Procfile": "".join(f"w{number}: python app.py\n" for number in range(12)),
            "a.service": "[Service]\nExecStart=/bin/python -m pkg\n",
        },
    )
    places = [(start.file, start.line) for start in starts]
    assert places == sorted(places)
    assert len(places) == 14


def test_the_command_is_shown_without_control_characters_and_shortened(tmp_path: Path) -> None:
    start, long = starts_of(
        tmp_path,
        {"Procfile": f"a: python app.py '\x1b[31m\u202e\x07' x\nb: python app.py {'y' * 500}\n"},
    )
    assert start.command == "python app.py [31m x"
    assert len(long.command) == 120
    assert long.command.endswith("yyy...")


def test_a_command_inside_a_shell_is_shown_alone(tmp_path: Path) -> None:
    (start,) = starts_of(tmp_path, {"Dockerfile": "FROM x\nCMD ls && FLASK_DEBUG=1 python app.py"})
    assert start.command == "FLASK_DEBUG=1 python app.py"


@pytest.mark.parametrize(
    ("relpath", "module", "line"),
    [
        ("app.py", "app", 1),
        ("pkg/__main__.py", "pkg.__main__", 2),
        ("pkg/__main__.py", "pkg", 2),
        ("pkg/web.py", "pkg.web", 3),
        ("pkg/__init__.py", "pkg", None),
        ("src/run.py", "src.run", None),
        ("manage.py", "manage", None),
    ],
)
def test_starts_file_finds_the_start_of_a_file(
    tmp_path: Path, relpath: str, module: str, line: int | None
) -> None:
    starts = starts_of(
        tmp_path,
        {
            "Procfile": (
                "a: python app.py\nb: python -m pkg\nc: python -m pkg.web\n"
                "d: gunicorn manage:app\ne: flask --app src/run.py run\nf: python app.py\n"
            )
        },
    )
    found = starts_file(starts, relpath, module)
    assert (found.line if found else None) == line


@pytest.mark.parametrize("content", [b"web: python app.py \xff\n", b"\xff\xfew\x00e\x00b\x00"])
def test_a_file_that_is_no_utf8_is_passed_over(tmp_path: Path, content: bytes) -> None:
    write(tmp_path, SCRIPTS)
    (tmp_path / "Procfile").write_bytes(content)
    assert find_starts(str(tmp_path)) == ()


def test_a_byte_order_mark_is_not_part_of_the_text(tmp_path: Path) -> None:
    assert summaries(tmp_path, {"Procfile": "\ufeffweb: python app.py"}) == [
        "Procfile:1 python app.py"
    ]


def test_a_huge_file_is_passed_over(tmp_path: Path) -> None:
    text = "web: python app.py\n"
    assert summaries(tmp_path, {"Procfile": text + "#" * LARGEST_FILE}) == []


def test_a_folder_that_does_not_exist_has_no_starts(tmp_path: Path) -> None:
    assert find_starts(str(tmp_path / "missing")) == ()


def test_a_folder_named_like_a_deployment_file_is_passed_over(tmp_path: Path) -> None:
    assert summaries(tmp_path, {"Dockerfile/Procfile": "web: python -m pkg"}) == [
        "Dockerfile/Procfile:1 python pkg"
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="needs symbolic links")
def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path, {"web/Procfile": "web: python -m pkg"})
    (tmp_path / "web" / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "Dockerfile").symlink_to(tmp_path / "missing")
    assert [start.file for start in find_starts(str(tmp_path))] == ["web/Procfile"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "Procfile")
    assert find_starts(str(tmp_path)) == ()


@pytest.mark.skipif(sys.platform == "win32", reason="needs such file names")
def test_a_file_whose_name_has_control_characters_is_passed_over(tmp_path: Path) -> None:
    files = {"Dockerfile.\x1b[31m": "FROM x\nCMD python -m pkg", "Procfile": "a: python 'a\x07.py'"}
    assert summaries(tmp_path, {**files, "a\x07.py": ""}) == []


def test_the_top_folder_is_read_however_many_files_lie_deeper(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "MOST_ENTRIES", 30)
    files = {f"a/{number}/Procfile": "web: python -m pkg" for number in range(60)}
    found = summaries(tmp_path, {**files, "Procfile": "web: python app.py"})
    assert found[0] == "Procfile:1 python app.py"
    assert len(found) < 31


def test_only_so_many_commands_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "MOST_COMMANDS", 3)
    assert len(summaries(tmp_path, {"Procfile": "web: python app.py\n" * 9})) == 3


LONG = 200_000


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Procfile", "web: python app.py\n" * (LONG // 10)),
        ("Procfile", "web: " + "A=1 " * LONG),
        ("Procfile", "web: " + "'" * (LONG + 1)),
        ("Procfile", 'web: "' + '\\"' * LONG),
        ("Procfile", "web: " + "$(" * LONG),
        ("Procfile", "web: " + "`$(a" * LONG),
        ("Procfile", "web: " + "if " * LONG),
        ("Procfile", "web: " + "A=$A$A; " * 100 + "python $A"),
        ("Procfile", "web: A=aaaaaaaaaaaaaaaa; " + "export A=$A$A; " * 100 + "python $A"),
        ("Procfile", "web: A=" + "x" * 9_000 + "; python " + "$A" * LONG),
        ("Procfile", "web: " + "sh -c " * LONG),
        ("Procfile", "web: " + "uv run " * LONG),
        ("Procfile", "web: ./big.sh\n" * 5_000),
        ("Dockerfile", "FROM x\n" + "ENV A=$A$A\n" * 1_000 + "CMD python $A"),
        ("Dockerfile", "FROM x AS a\nCOPY . /\n" + "FROM a\nCOPY --from=a / /\n" * 20_000),
        ("Dockerfile", "FROM x\n" + "COPY a /b\n" * 50_000 + "CMD python /app/x.py"),
        ("Dockerfile", "FROM x\nCMD " + "\\\n" * LONG),
        ("Dockerfile", "FROM x\nCMD " + "[" * LONG),
        ("compose.yml", "services:\n  web:\n    command: " + '"\\' * LONG),
        ("compose.yml", "services:\n  web:\n    command: [" + '"a", ' * LONG),
        ("compose.yml", "a: [\n" * LONG),
        ("compose.yml", "- " * LONG),
        ("compose.yml", "a: &a\n  b: *a\n" * 50_000),
        ("web.service", "[Service]\nExecStart=python " + "\\\n x" * LONG),
        ("fly.toml", "[processes]\n" + 'a = ["' + '\\"' * LONG),
        ("fly.toml", "[" * LONG),
        ("Procfile", "web: " + "cd a;" * LONG + "python app.py"),
        ("Dockerfile", "FROM x\n" + "WORKDIR a\n" * (LONG // 3) + "CMD python app.py"),
        ("Dockerfile", "FROM x\n" + "".join(f"ENV A{n}=1\n" for n in range(60_000))),
        ("compose.yml", "a: " + "&a " * LONG),
        ("compose.yml", "a: [" + " " * LONG + "]"),
        ("compose.yml", 'a: "' + "x\n" * LONG),
        (
            "compose.yml",
            "a0: &a0\n  A: 1\n"
            + "".join(f"a{n}: &a{n}\n  <<: *a{n - 1}\n" for n in range(1, 20_000))
            + "services:\n  web:\n    command: python app.py\n    environment: *a19999\n",
        ),
        (
            "compose.yml",
            "a: &a\n"
            + "".join(f"  A{n}: 1\n" for n in range(20_000))
            + "services:\n"
            + "".join(
                f"  w{n}:\n    command: python x\n    environment: *a\n" for n in range(9_000)
            ),
        ),
        (
            "Dockerfile",
            "FROM x\n" + "COPY a /b\n" * 100 + "CMD " + "nothing; python /b/x;" * 20_000,
        ),
    ],
)
def test_hostile_files_take_little_time(tmp_path: Path, name: str, text: str) -> None:
    write(tmp_path, {"big.sh": "ls\n" * LONG})
    begin = time.process_time()
    starts_of(tmp_path, {name: text})
    assert time.process_time() - begin < 5


def test_importing_the_module_does_not_import_libcst() -> None:
    code = "import sys, flask_gotchas.deployment; sys.exit('libcst' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
