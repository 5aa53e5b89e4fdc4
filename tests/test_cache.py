"""What is kept for later runs: it changes how long a run takes, and nothing else."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import libcst as cst
import msgspec
import pytest
from support import FIXTURES, all_fixtures

from flask_gotchas import cli, disk, templates, unchanged, ways
from flask_gotchas.cache import files as cache_files
from flask_gotchas.cache import folder as cache_folder
from flask_gotchas.cache import keys, reports
from flask_gotchas.cache.conclusions import Conclusions
from flask_gotchas.checks.route_method_mismatch import RouteMethodMismatch
from flask_gotchas.facts.model import FileFacts
from flask_gotchas.one_file import Checker, FileTask
from flask_gotchas.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from flask_gotchas.template_facts import TemplateFacts

POSIX = pytest.mark.skipif(os.name == "nt", reason="rights and devices of files are others there")
AS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
# Longer than the clocks of file systems may stand still, for tests about stamps.
TICK = 0.02

SHOP = {
    "pyproject.toml": "",
    "shop/__init__.py": "from flask import Flask\nfrom .views import bp\n\n\n"
    "def create_app():\n    app = Flask(__name__)\n    app.register_blueprint(bp)\n"
    "    return app\n",
    "shop/views.py": "from flask import Blueprint, render_template\n\n"
    'bp = Blueprint("shop", __name__)\n\n\n'
    '@bp.get("/books")\ndef books():\n    return render_template("books.html")\n',
    "shop/mail.py": "from flask import url_for\n\n\n"
    'def letter():\n    return url_for("shop.books")\n',
    "shop/templates/books.html": "{{ url_for('shop.books') }}\n",
    "shop/plain.py": "X = 1\n",
    "run.py": "from shop import create_app\n\nif __name__ == '__main__':\n    create_app().run()\n",
}


class Done(NamedTuple):
    status: int
    out: str
    err: str


class Shop:
    """A project in the working folder, and commands that are typed there."""

    def __init__(self, capsys: pytest.CaptureFixture[str], root: Path) -> None:
        self.capsys = capsys
        self.root = root
        self.cache = root / ways.CACHE_FOLDER

    def write(self, files: dict[str, str]) -> None:
        for path, text in files.items():
            target = self.root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")

    def run(self, *arguments: str) -> Done:
        """Do what the program does."""
        status = unchanged.show_again(arguments)
        if status is None:
            status = cli.main(arguments)
        return Done(status, *self.capsys.readouterr())

    def run_both(self, *arguments: str) -> Done:
        """Run with and without a cache, see no difference, and give what came out."""
        done = self.run(*arguments)
        assert done == self.run(*arguments, "--no-cache")
        return done

    def kept(self, kind: str) -> list[Path]:
        return sorted(self.cache.glob(f"{kind}-*"))


@pytest.fixture
def shop(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Shop:
    root = tmp_path / "project"
    root.mkdir()
    monkeypatch.chdir(root)
    shop = Shop(capsys, root)
    shop.write(SHOP)
    return shop


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note what is parsed, by its first line."""
    sources: list[str] = []
    parse = cst.parse_module

    def noting(source: str | bytes) -> cst.Module:
        sources.append(str(source).partition("\n")[0])
        return parse(source)

    monkeypatch.setattr("libcst.parse_module", noting)
    return sources


@pytest.fixture
def quick_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Trust stamps soon, and give what waits until they are trusted."""
    monkeypatch.setattr(disk, "_COARSEST_CLOCK", int(TICK * 1e9))
    return lambda: time.sleep(1.5 * TICK)


def rewritten(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


# The folder


def test_the_folder_is_ignored_by_git_and_marked_as_a_cache(shop: Shop) -> None:
    shop.run()
    assert (shop.cache / ".gitignore").read_text(encoding="utf-8").splitlines()[-1] == "*"
    tag = (shop.cache / "CACHEDIR.TAG").read_bytes()
    assert tag.startswith(b"Signature: 8a477f597d28d172789f06886806bc55\n")


def test_no_cache_leaves_nothing_behind(shop: Shop) -> None:
    for option in ("-n", "--no-cache"):
        assert shop.run(option) == shop.run("--no-cache", ".")
    assert not shop.cache.exists()


@pytest.mark.parametrize("how", ["option", "setting"])
def test_the_folder_may_be_elsewhere(shop: Shop, how: str, parsed: list[str]) -> None:
    if how == "setting":
        shop.write({"pyproject.toml": "[tool.flask-gotchas]\ncache-dir = '../kept'\n"})
    options = ["--cache-dir", "../kept"] if how == "option" else []
    first = shop.run(*options)
    assert parsed
    parsed.clear()
    assert shop.run(*options) == first
    assert not parsed
    assert not shop.cache.exists()
    assert (shop.root / "../kept/CACHEDIR.TAG").exists()


def test_show_settings_tells_the_folder_and_makes_none(shop: Shop) -> None:
    assert (
        f"cache-dir = {json.dumps(str(shop.cache))}  # default" in shop.run("--show-settings").out
    )
    assert not shop.cache.exists()


# Nothing has changed


@pytest.mark.parametrize(
    "options",
    [[], ["--output-format", "full"], ["--output-format", "json"], ["--statistics"], ["shop"]],
)
def test_a_second_run_shows_the_same(shop: Shop, options: list[str]) -> None:
    rewritten(shop.root / "shop/views.py", "def books", "def novels")
    first = shop.run(*options)
    assert first.status == 1
    assert shop.run(*options) == first == shop.run_both(*options)


def test_a_run_without_changes_imports_little(shop: Shop) -> None:
    trusting = "from flask_gotchas import disk\ndisk._COARSEST_CLOCK = 0\n"
    program = (
        "import sys\nbefore = set(sys.modules)\n"
        "from flask_gotchas.__main__ import main\nmain()\n"
        "print(*sorted(set(sys.modules) - before), file=sys.stderr)\n"
    )
    rewritten(shop.root / "shop/views.py", "def books", "def novels")

    def start(program: str) -> tuple[str, set[str]]:
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True
        )
        return done.stdout, set(done.stderr.splitlines()[-1].split())

    first, loaded = start(trusting + program)
    assert "libcst" in loaded
    start(trusting + program)  # making the folder for what is kept has changed the project's
    again, loaded = start(program)
    assert again == first
    assert "FLG104" in again
    foreign = {name for name in loaded if not name.startswith("flask_gotchas")}
    assert foreign <= {"__future__", "gc", "zlib"}


def test_files_that_are_as_they_were_are_not_even_opened(
    shop: Shop, quick_clock: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = shop.run()
    quick_clock()
    shop.run()
    monkeypatch.setattr(disk, "look_again", _only_kinds(disk.look_again))
    assert unchanged.show_again([]) == first.status


def _only_kinds(
    look_again: Callable[[disk.Look], disk.Seen],
) -> Callable[[disk.Look], disk.Seen]:
    def checked(look: disk.Look) -> disk.Seen:
        assert look.way in {"kind", "link"}, f"{look} is looked at again"
        return look_again(look)

    return checked


def test_files_that_were_only_touched_are_read_once(
    shop: Shop, quick_clock: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = shop.run()
    for path in SHOP:
        os.utime(shop.root / path)
    quick_clock()
    assert unchanged.show_again([]) == first.status
    monkeypatch.setattr(disk, "look_again", _only_kinds(disk.look_again))
    assert unchanged.show_again([]) == first.status


# Something has changed


def test_only_the_file_that_has_changed_is_parsed(shop: Shop, parsed: list[str]) -> None:
    shop.run()
    assert len(parsed) >= 4
    parsed.clear()
    rewritten(shop.root / "shop/views.py", "from flask import", "from flask  import")
    assert shop.run().status == 0
    assert parsed == ["from flask  import Blueprint, render_template"]


def test_a_change_in_one_file_is_reported_in_others(shop: Shop, parsed: list[str]) -> None:
    assert shop.run().status == 0
    rewritten(shop.root / "shop/views.py", "def books", "def novels")
    parsed.clear()
    done = shop.run()
    assert [line.partition(":")[0] for line in done.out.splitlines()] == [
        "shop/mail.py",
        "shop/templates/books.html",
    ]
    # To say in which column it is, the file with the report was parsed, too.
    assert sorted(parsed) == [
        "from flask import Blueprint, render_template",
        "from flask import url_for",
    ]
    assert shop.run_both() == done
    rewritten(shop.root / "shop/views.py", "def novels", "def books")
    parsed.clear()
    assert shop.run().status == 0
    assert len(parsed) == 1


def test_places_are_known_from_before(shop: Shop, parsed: list[str]) -> None:
    rewritten(shop.root / "shop/views.py", "def books", "def novels")
    first = shop.run()
    rewritten(shop.root / "shop/plain.py", "1", "2")
    parsed.clear()
    assert shop.run() == first
    assert parsed == []


@pytest.fixture
def linked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Note how many files are linked, each time that this is done."""
    sizes: list[int] = []
    link = Project.__init__

    def noting(project: Project, files: Iterable[FileFacts], *rest: Any, **named: Any) -> None:
        known = list(files)
        sizes.append(len(known))
        link(project, known, *rest, **named)

    monkeypatch.setattr(Project, "__init__", noting)
    return sizes


def test_an_edit_that_changes_no_facts_links_nothing(
    shop: Shop, linked: list[int], parsed: list[str]
) -> None:
    rewritten(shop.root / "shop/views.py", "def books", "def novels")
    assert shop.run().status == 1
    stored = [path.read_bytes() for path in shop.kept("facts")]
    linked.clear()
    for path in ("shop/mail.py", "shop/views.py", "shop/plain.py"):
        text = (shop.root / path).read_text(encoding="utf-8")
        shop.write({path: f"# more\n\n{text}\n\n"})
        parsed.clear()
        done = shop.run()
        assert not linked
        assert len(parsed) == int(path != "shop/plain.py")
        assert shop.run("--no-cache") == done
        linked.clear()
    assert "shop/mail.py:7:12: FLG104" in done.out
    assert [path.read_bytes() for path in shop.kept("facts")] == stored


def test_an_edit_that_changes_facts_links_all_files(
    shop: Shop, linked: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_files, "_SMALL_PART", 0.6)
    shop.run()
    facts = shop.kept("facts")[0].read_bytes()
    linked.clear()
    rewritten(shop.root / "shop/views.py", "def books", "def novels")
    shop.run()
    assert linked == [4]
    # What is known of the others is not written again.
    assert b"novels" not in facts == shop.kept("facts")[0].read_bytes()
    assert b"novels" in shop.kept("recent")[0].read_bytes()
    for path in ("shop/mail.py", "shop/__init__.py"):
        rewritten(shop.root / path, "\n\n", "\nX_OF_LATE = 1\n")
        shop.run()
    facts = shop.kept("facts")[0].read_bytes()
    assert b"novels" in facts
    assert b"shop.mail.X_OF_LATE" in facts


def test_only_what_project_rules_looked_at_makes_them_look_again(
    shop: Shop, linked: list[int], quick_clock: Callable[[], None]
) -> None:
    shop.write({"shop/base.py": "class View:\n    def get(self):\n        return ''\n"})
    shop.write({"shop/other.py": "def f():\n    return ''\n"})
    shop.write(
        {
            "shop/views.py": "from flask import Blueprint\nfrom flask.views import MethodView\n"
            "from .base import View\n\nbp = Blueprint('shop', __name__)\n\n\n"
            "class Books(View, MethodView):\n    pass\n\n\n"
            "bp.add_url_rule('/books', view_func=Books.as_view('books'), methods=['GET'])\n"
        }
    )
    for changed, expected in [("shop/other.py", []), ("shop/base.py", [4]), ("shop/none.py", [4])]:
        shop.run_both()
        quick_clock()
        linked.clear()
        shop.write({changed: "def g():\n    return ''\n"})
        done = shop.run()
        assert linked == expected, changed
        assert shop.run("--no-cache") == done


def test_of_a_file_that_may_pass_names_on_only_its_imports_count(
    shop: Shop, linked: list[int], quick_clock: Callable[[], None]
) -> None:
    shop.write({"shop/names.py": "import os\n\n\ndef made(app):\n    return app\n"})
    rewritten(shop.root / "shop/__init__.py", "bp\n", "bp\nfrom .names import made\n")
    rewritten(shop.root / "shop/__init__.py", "return app", "return made(app)")
    shop.run_both()
    quick_clock()
    linked.clear()
    rewritten(shop.root / "shop/names.py", "    return app", "    print(1)\n    return app\n")
    done = shop.run()
    assert not linked
    assert shop.run("--no-cache") == done
    linked.clear()
    rewritten(shop.root / "shop/names.py", "import os", "from .mail import letter as made")
    shop.run_both()
    assert len(linked) == 2


def test_templates_are_read_again_only_where_they_have_changed(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    original = templates.read_template

    def noting(path: str, name: str, source: str) -> TemplateFacts | None:
        read.append(path)
        return original(path, name, source)

    monkeypatch.setattr(templates, "read_template", noting)
    other = "shop/templates/other.html"
    shop.write({other: "{% broken %} url_for"})
    shop.run()
    assert read == ["shop/templates/books.html", other]
    read.clear()
    rewritten(shop.root / "shop/views.py", "def books", "def novels")
    assert "books.html" in shop.run().out
    assert read == []
    shop.write({"shop/templates/books.html": "{{ url_for('shop.novels') }}\n"})
    assert "books.html" not in shop.run().out
    assert read == ["shop/templates/books.html"]
    (stored,) = shop.kept("templates")
    assert b"other.html" in stored.read_bytes()
    (shop.root / other).unlink()
    shop.run()
    assert b"other.html" not in stored.read_bytes()


def test_facts_have_the_same_id_in_each_process_but_not_in_another_order() -> None:
    program = (
        "from flask_gotchas.cache.conclusions import facts_id\n"
        "from flask_gotchas.one_file import Checker, FileTask\n"
        "def show(*lines):\n"
        "    facts = Checker().check_text(FileTask('a.py', 'a'), '\\n'.join(lines)).facts\n"
        "    print(facts_id(facts).hex())\n"
        "start = 'import flask', 'app = flask.Flask(\"a\")'\n"
        "names = [f'print(a{n}, b{n})' for n in range(50)]\n"
        "show(*start, *names)\n"
        "show(*start, '# more', *names, '')\n"
        "show(*start, *names, 'A = B = 1')\n"
        "show(*start, *names, 'B = A = 1')\n"
    )
    shown = {
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
        ).stdout
        for seed in "123"
    }
    (ids,) = shown
    first, commented, one, other = ids.split()
    assert first == commented
    assert len({first, one, other}) == 3


def test_facts_that_are_lost_are_collected_again(shop: Shop, parsed: list[str]) -> None:
    rewritten(shop.root / "shop/views.py", "def books", "def novels")
    first = shop.run()
    for path in shop.kept("facts"):
        path.unlink()
    rewritten(shop.root / "shop/mail.py", "def letter", "def note")
    parsed.clear()
    assert shop.run() == first
    assert len(parsed) == 4
    rewritten(shop.root / "shop/mail.py", "def note", "def letter")
    parsed.clear()
    assert shop.run() == first
    assert len(parsed) == 1


@pytest.mark.parametrize(
    ("before", "after", "status"),
    [
        ({}, {"shop/templates/books.html": "{{ url_for('shop.none') }}"}, 1),
        ({}, {"pyproject.toml": "[tool.flask-gotchas]\nignore = ['FLG']\nexclude=[]"}, 0),
        ({}, {"shop/new.py": "from flask import url_for\n\n\ndef f():\n    url_for('none')\n"}, 1),
        ({"shop/new.py": "flask bad\n"}, {".gitignore": "new.py\n"}, 0),
        ({"shop/new.py": "flask bad\n"}, {"shop/pyvenv.cfg": ""}, 0),
        ({}, {"shop/mail.py": "flask("}, 1),
    ],
    ids=["template", "settings", "new", "gitignore", "environment", "syntax error"],
)
def test_whatever_a_report_depends_on_may_change(
    shop: Shop, before: dict[str, str], after: dict[str, str], status: int
) -> None:
    shop.write(before)
    shop.run_both()
    shop.write(after)
    assert shop.run_both().status == status
    for path in after:
        if path not in SHOP:
            (shop.root / path).unlink()
    shop.write(SHOP)
    assert shop.run_both().status == int(bool(before))


def test_what_production_starts_may_change(shop: Shop) -> None:
    rewritten(shop.root / "run.py", "run()", "run(debug=True)")
    assert "Procfile" not in shop.run_both().out
    shop.write({"Procfile": "web: python run.py\n"})
    assert "`Procfile:1`" in shop.run_both().out
    shop.write({"Procfile": "\nweb: python run.py\n"})
    assert "`Procfile:2`" in shop.run_both().out
    (shop.root / "Procfile").unlink()
    assert "Procfile" not in shop.run_both().out


def test_settings_above_the_project_are_noticed(shop: Shop) -> None:
    (shop.root / "pyproject.toml").unlink()
    (shop.root / ".git").mkdir()
    rewritten(shop.root / "shop/views.py", "def books", "def novels")
    assert shop.run_both().status == 1
    (shop.root / "../pyproject.toml").write_text("[tool.flask-gotchas]\nignore = ['FLG104']\n")
    assert shop.run_both().status == 0


def test_each_selection_has_results_of_its_own(shop: Shop, parsed: list[str]) -> None:
    rewritten(shop.root / "shop/views.py", "def books", "def novels")
    for _ in range(2):
        assert shop.run("--select", "FLG1").status == 1
        assert shop.run("--ignore", "FLG1").status == 0
        assert shop.run("--extend-exclude", "shop").status == 0
        assert shop.run("--exit-zero").status == 0
        parsed.clear()


def test_a_crash_is_not_kept(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    clean = shop.run("--no-cache")

    def fail(*_: object) -> Iterator[object]:
        raise RuntimeError("on purpose")

    with monkeypatch.context() as patch:
        patch.setattr(RouteMethodMismatch, "check", fail)
        assert shop.run().status == 2
        assert not shop.kept("report")
    assert shop.run() == clean


def test_a_crash_in_one_file_is_not_kept(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    clean = shop.run("--no-cache")

    def fail(*_: object) -> None:
        raise RuntimeError("on purpose")

    with monkeypatch.context() as patch:
        patch.setattr("flask_gotchas.names.Names.module_names", fail)
        assert shop.run().status == 2
    assert shop.run() == clean


def test_a_file_by_itself_shares_what_is_known_of_all(shop: Shop, parsed: list[str]) -> None:
    rewritten(shop.root / "shop/views.py", "def books", "def novels")
    whole = shop.run()
    parsed.clear()
    alone = shop.run("shop/mail.py")
    assert alone.out in whole.out
    assert alone.out
    assert parsed == []
    assert shop.run_both("shop/mail.py") == alone
    shop.run("shop/plain.py")  # is parsed because it is named
    parsed.clear()
    assert shop.run(".").out == whole.out
    assert parsed == []


def test_paths_are_spelled_as_seen_from_the_working_folder(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, parsed: list[str]
) -> None:
    rewritten(shop.root / "shop/views.py", "def books", "def novels")
    shop.write({"shop/bad.py": "flask bad\n"})
    from_root = shop.run_both()
    monkeypatch.chdir("shop")
    parsed.clear()
    inside = shop.run()
    assert parsed == []
    assert inside.out == from_root.out.replace("shop/", "", 3).replace("\nshop/", "\n")
    assert shop.run_both("../shop").status == 1
    assert shop.run_both(str(shop.root)).status == 1


def test_what_is_piped_in_leaves_the_file_as_known(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    import io

    clean = shop.run()
    renamed = SHOP["shop/mail.py"].replace("shop.books", "shop.none").encode()
    for _ in range(2):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(renamed)))
        done = shop.run("-", "--stdin-filename", "shop/mail.py")
        assert done.status == 1
        assert "FLG104" in done.out
    assert shop.run() == clean


def test_comments_that_silence_are_noticed(shop: Shop) -> None:
    shop.write({"shop/mail.py": SHOP["shop/mail.py"].replace("shop.books", "shop.none")})
    assert shop.run_both().status == 1
    rewritten(shop.root / "shop/mail.py", 'none")', 'none")  # noqa: FLG104')
    assert shop.run_both().status == 0
    rewritten(shop.root / "shop/mail.py", "shop.none", "shop.books")
    assert "FLG002" in shop.run_both().out
    shop.write({"shop/plain.py": "X = 1  # noqa: FLG101\n"})
    assert shop.run_both().out.count("FLG002") == 2


def test_files_that_are_gone_are_forgotten(shop: Shop) -> None:
    secret = "from flask import Flask\n\nUNIQUE_NAME_OF_A_CONSTANT = 'x'\n"
    shop.write({"shop/left_out_later.py": secret})
    shop.run()
    (facts,) = shop.kept("facts")
    assert b"UNIQUE_NAME_OF_A_CONSTANT" in facts.read_bytes()
    (shop.root / "shop/left_out_later.py").unlink()
    shop.run()
    assert b"left_out_later" not in facts.read_bytes()


def test_old_results_are_deleted(shop: Shop) -> None:
    most = cache_folder._MOST_OF_A_KIND
    for number in range(most["report"] + 3):
        shop.run("--extend-exclude", f"none{number}")
    assert len(shop.kept("report")) == most["report"]
    assert len(shop.kept("facts")) == 1


# Forgery and damage


def test_a_change_in_the_same_moment_is_noticed(shop: Shop) -> None:
    path = shop.root / "shop/mail.py"
    shop.run()
    state = path.stat()
    rewritten(path, "shop.books", "shop.BOOKS")
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert shop.run_both().status == 1


@POSIX
def test_a_change_with_a_forged_time_is_noticed(
    shop: Shop, quick_clock: Callable[[], None]
) -> None:
    path = shop.root / "shop/mail.py"
    quick_clock()
    shop.run()
    state = path.stat()
    quick_clock()
    rewritten(path, "shop.books", "shop.BOOKS")
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    quick_clock()
    assert shop.run_both().status == 1


def _cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _scrambled(data: bytes) -> bytes:
    return bytes(byte ^ 0x55 for byte in data)


@pytest.mark.parametrize(
    "kind", ["report", "files", "facts", "recent", "findings", "conclusions", "templates"]
)
@pytest.mark.parametrize(
    "damage",
    [
        _cut,
        _scrambled,
        lambda _: b"",
        lambda _: msgspec.msgpack.encode({"not": "this"}),
        lambda _: b"\xdd\xff\xff\xff\xff" * 10,
        lambda _: b"\x91" * 100_000,
    ],
    ids=["cut", "scrambled", "empty", "foreign", "huge", "deep"],
)
def test_what_is_damaged_counts_as_not_there(
    shop: Shop, kind: str, damage: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_files, "_SMALL_PART", 0.9)
    shop.run()
    rewritten(shop.root / "shop/views.py", "def books", "def novels")
    first = shop.run()
    assert shop.kept(kind)
    for path in shop.kept(kind):
        path.write_bytes(damage(path.read_bytes()))
    rewritten(shop.root / "shop/plain.py", "1", "2")
    assert shop.run() == first
    assert shop.run() == first
    rewritten(shop.root / "shop/mail.py", "def letter", "def note")
    assert shop.run() == first
    assert shop.run() == first


def test_random_bytes_in_what_is_kept_do_no_harm(shop: Shop) -> None:
    rewritten(shop.root / "shop/views.py", "def books", "def novels")
    first = shop.run()
    sound = {path: path.read_bytes() for path in shop.cache.glob("*-*")}
    assert len(sound) == 6
    chance = random.Random(5)
    for _ in range(60):
        for path, data in sound.items():
            changed = bytearray(data)
            for _ in range(chance.randrange(3)):
                changed[chance.randrange(len(changed))] = chance.randrange(0x100)
            path.write_bytes(changed)
        assert shop.run() == first
    for path, data in sound.items():
        path.write_bytes(data)
    assert shop.run() == first


@pytest.mark.parametrize(
    "forge",
    [
        lambda page: [("", page.replace("FLG", "\x1b]0;title\x07"))],
        lambda page: [("", page.replace("FLG", "\x1b[2Jm"))],
        lambda page: [("", page.replace("FLG", "\rFLG"))],
        lambda page: [("", f"\r{page}")],
        lambda page: [("", f"{page}::stop-commands::now\n")],
        lambda page: [("", f"{page}##vso[task.setvariable variable=PATH]/tmp\n")],
        lambda page: [("", page), ("victim", page)],
    ],
    ids=[
        "title",
        "clear",
        "return",
        "first return",
        "command to GitHub",
        "command to Azure",
        "file",
    ],
)
def test_what_no_reporter_would_write_is_not_shown(
    shop: Shop, forge: Callable[[str], list[tuple[str, str]]]
) -> None:
    """The folder may have come with the project that is checked."""
    rewritten(shop.root / "shop/views.py", "def books", "def novels")
    arguments = ["--output-format", "full"]
    first = shop.run(*arguments)
    key = keys.report_key(arguments)
    folder = cache_folder.CacheFolder(str(shop.cache))
    looks, answer = reports._unpacked(folder.get("report", key) or b"")
    everything = [looks[number] for number in range(len(looks))]
    for pages, shown in (
        ([("", "Something harmless.\n")], "Something harmless.\n"),
        (forge(first.out), first.out),
    ):
        forged = reports.Answer(pages, answer.said, answer.status)
        folder.put("report", key, reports._packed(everything, forged))
        assert shop.run(*arguments).out == shown
    assert not (shop.root / "victim").exists()


def test_files_that_the_command_names_are_written_again(shop: Shop) -> None:
    rewritten(shop.root / "shop/views.py", "def books", "def novels")
    names = ("one", "two", "three")
    arguments = ["--output-format=sarif:one", "--output-format", "json:two"]
    arguments += ["--output-format", "full", "--output-file=three"]
    shop.run(*arguments)
    first = {name: (shop.root / name).read_bytes() for name in names}
    for name in names:
        (shop.root / name).unlink()
    assert unchanged.show_again(arguments) == 1
    assert {name: (shop.root / name).read_bytes() for name in names} == first


def test_code_with_wide_spaces_is_shown_again(shop: Shop) -> None:
    shop.write({"shop/mail.py": SHOP["shop/mail.py"].replace("shop.books", "\u3000\xa0## x")})
    arguments = ["--output-format", "full"]
    assert "\u3000\xa0## x" in shop.run(*arguments).out
    assert unchanged.show_again(arguments) == 1


def test_colour_is_shown_where_it_is_wanted(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    rewritten(shop.root / "shop/views.py", "def books", "def novels")
    monkeypatch.delenv("NO_COLOR", raising=False)
    for _ in range(2):
        for colour in ("", "1"):
            monkeypatch.setenv("FORCE_COLOR", colour)
            done = shop.run_both("--output-format", "full")
            assert ("\x1b[1;31mFLG104\x1b[0m" in done.out) == bool(colour)
    assert unchanged.show_again(["--output-format", "full"]) == 1


@pytest.mark.parametrize("seed", range(4))
def test_noise_with_the_right_sum_does_no_harm(shop: Shop, seed: int) -> None:
    rewritten(shop.root / "shop/views.py", "def books", "def novels")
    first = shop.run()
    key = keys.report_key([])
    folder = cache_folder.CacheFolder(str(shop.cache))
    sound = folder.get("report", key) or b""
    chance = random.Random(seed)
    for _ in range(50):
        noise = bytearray(sound[: chance.choice([len(sound), chance.randrange(len(sound))])])
        for _ in range(chance.choice([0, 1, 10])):
            noise[chance.randrange(min(len(noise), 200))] = chance.randrange(0x100)
        folder.put("report", key, bytes(noise))
        done = shop.run()
        assert done.err == first.err or done.err.replace("\n", "").isprintable()
    assert shop.run("--exit-zero").out == first.out


def test_the_result_of_another_key_is_not_taken(shop: Shop) -> None:
    rewritten(shop.root / "shop/views.py", "def books", "def novels")
    shop.run()
    clean = shop.run("--select", "FLG5")
    names = [keys.file_name("report", keys.report_key(a)) for a in ([], ["--select", "FLG5"])]
    shutil.copy(shop.cache / names[0], shop.cache / names[1])
    assert shop.run("--select", "FLG5") == clean


@pytest.mark.parametrize("field", ["code", "path", "related"])
def test_findings_that_no_rule_of_today_can_have_made_are_not_taken(
    shop: Shop, field: str, linked: list[int]
) -> None:
    rewritten(shop.root / "shop/views.py", "def books", "def novels")
    first = shop.run()
    (path,) = shop.kept("conclusions")
    folder = cache_folder.CacheFolder(str(shop.cache))
    key = _key_in(path)
    known = folder.read("conclusions", key, Conclusions)
    forged = {"code": "FLG999", "path": "none.py", "related": (("none.py", 1, "here"),)}
    findings = [msgspec.structs.replace(known.findings[0], **{field: forged[field]})]
    folder.write("conclusions", key, msgspec.structs.replace(known, findings=findings))
    rewritten(shop.root / "shop/plain.py", "1", "2")
    linked.clear()
    assert shop.run() == first
    assert linked


def _key_in(path: Path) -> str:
    data = path.read_bytes()[4:]
    size = int.from_bytes(data[:4], "big")
    return data[4 : 4 + size].decode()


def test_who_works_and_how_it_is_shown_has_no_say_in_what_is_concluded(
    shop: Shop, linked: list[int]
) -> None:
    shop.run()
    linked.clear()
    for arguments in (["-j1"], ["--output-format", "full"], ["-j2", "--output-format", "json"]):
        shop.run(*arguments)
        assert not linked
    shop.run("--ignore", "FLG104")
    assert linked


@POSIX
@pytest.mark.parametrize("obstacle", ["file", "no rights", "full"])
def test_a_folder_that_takes_nothing_costs_a_warning(
    shop: Shop, obstacle: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean = shop.run("--no-cache")
    if obstacle == "file":
        shop.cache.write_text("mine")
    elif obstacle == "no rights":
        if AS_ROOT:
            pytest.skip("root may write anywhere")
        shop.cache.mkdir(mode=0o500)
    else:

        def replace(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "replace", replace)
    done = shop.run()
    assert (done.status, done.out) == (clean.status, clean.out)
    warning, *rest = done.err.splitlines()
    assert warning.startswith("flask-gotchas: warning: ") or rest[-1].startswith("flask-gotchas:")
    assert len(done.err.splitlines()) == len(clean.err.splitlines()) + 1
    assert not list(shop.root.glob(f"{ways.CACHE_FOLDER}/*-*"))


@POSIX
@pytest.mark.parametrize("name", [b"caf\xe9", b"line\nline", b"\x1b[31m", b"##[group]"])
def test_files_of_any_name_are_reported_again(shop: Shop, name: bytes) -> None:
    Path(os.fsdecode(b"shop/" + name + b".py")).write_text(
        "from flask import url_for\n\n\ndef f():\n    url_for('none')\n"
    )
    first = shop.run_both()
    assert first.status == 1
    assert shop.run() == first
    rewritten(shop.root / "shop/plain.py", "1", "2")
    assert shop.run_both() == first


def test_two_runs_at_once_do_no_harm(shop: Shop) -> None:
    rewritten(shop.root / "shop/views.py", "def books", "def novels")
    clean = shop.run("--no-cache")
    command = [sys.executable, "-m", "flask_gotchas"]
    for _ in range(2):
        runs = [
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for _ in range(4)
        ]
        for run in runs:
            out, err = run.communicate()
            assert Done(run.returncode, out, err) == clean
        rewritten(shop.root / "shop/plain.py", "X", "XX")
    assert not [path for path in shop.cache.iterdir() if "." in path.name[1:-4]]


# What is kept is all there is


def test_facts_come_back_as_they_were() -> None:
    decoder = msgspec.msgpack.Decoder(FileFacts)
    count = 0
    for fixture in all_fixtures():
        for path, text in fixture.files.items():
            if path.endswith(".py"):
                facts = Checker().check_text(FileTask(path, "module"), text).facts
                if facts is not None:
                    assert decoder.decode(msgspec.msgpack.encode(facts)) == facts, path
                    count += 1
    assert count > 100


def test_every_option_is_known_to_do_more_than_to_report_or_not_to() -> None:
    more = {
        "--add-noqa", "--baseline", "--diff", "--fix", "--help", "--no-cache", "--show-settings",
        "--stdin-filename", "--unsafe-fixes", "--write-baseline", "-n",
    }  # fmt: skip
    options = {
        name
        for option in cli.cli.commands["check"].params
        for name in option.opts
        if name.startswith("-")
    }
    assert options <= more | reports._OPTIONS | {"-j"}


def test_a_run_looks_at_the_project_only_through_what_takes_notes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever is looked at in another way could change without being noticed."""
    shutil.copytree(FIXTURES / "projects", tmp_path / "project")
    (tmp_path / "project/pyproject.toml").write_text("[project]\ndependencies = ['flask>=3']\n")
    monkeypatch.chdir(tmp_path / "project")
    Path(ways.CACHE_FOLDER).mkdir()
    asked: set[str] = set()

    def noting(name: str) -> None:
        original = getattr(os, name)

        def note(path: object, *rest: object, **named: object) -> object:
            if isinstance(path, (str, bytes, os.PathLike)):
                asked.add(os.path.abspath(os.fsdecode(path)))
            return original(path, *rest, **named)

        monkeypatch.setattr(os, name, note)

    for name in ("stat", "lstat", "scandir", "listdir", "open"):
        noting(name)
    opened: set[str] = set()
    _audited.append(opened)
    try:
        with disk.watching() as watch:
            assert cli.main([]) == 1
    finally:
        _audited.remove(opened)
    root = str(tmp_path / "project")
    noted = {os.path.abspath(look.path) for look in watch.seen}
    looked = {path for path in asked | opened if path.startswith(root + os.sep)}
    looked = {path for path in looked if ways.CACHE_FOLDER not in path}
    assert len(looked) > 20
    # What lies in a folder that was listed is noted with it.
    assert {
        path for path in looked if path not in noted and os.path.dirname(path) not in noted
    } == set()
    assert opened_in(opened, root) <= noted


_audited: list[set[str]] = []


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    if _audited and event in {"open", "os.scandir", "os.listdir"}:
        path = arguments[0]
        if isinstance(path, (str, bytes)):
            for opened in _audited:
                opened.add(os.path.abspath(os.fsdecode(path)))


sys.addaudithook(_audit)


def opened_in(opened: set[str], root: str) -> set[str]:
    found = {path for path in opened if path.startswith(root + os.sep)}
    return {path for path in found if ways.CACHE_FOLDER not in path}


# Random edits


class Editor:
    """Changes a project at random."""

    TEXTS = (
        *(SHOP[path] for path in ("shop/views.py", "shop/mail.py", "shop/__init__.py", "run.py")),
        SHOP["shop/views.py"].replace("def books", "def novels"),
        SHOP["shop/views.py"].replace("bp", "pb"),
        SHOP["shop/views.py"].replace('"shop"', '"store"'),
        SHOP["shop/__init__.py"].replace("bp)", 'bp, url_prefix="/shop", name="other")'),
        SHOP["shop/mail.py"].replace('")', '")  # noqa: FLG104'),
        SHOP["shop/mail.py"].replace("shop.books", "shop.novels"),
        "from flask import current_app\n\nX = current_app.name\n",
        "from .views import *\nfrom .mail import letter\n",
        "flask bad\n",
        "X = 1  # noqa: FLG101\n",
        "import os\n\nfrom flask import Flask\n\napp = Flask(__name__)\napp.run()\n",
        "",
    )
    PATHS = (
        *(path for path in SHOP if path.endswith(".py")),
        *("new.py", "shop/more/__init__.py", "shop/more/views.py", "tests/test_it.py"),
    )
    OTHERS: ClassVar = {
        "Procfile": ["web: python run.py\n", "web: gunicorn new:app\n", ""],
        ".gitignore": ["new.py\n", "more/\n", ""],
        "shop/templates/books.html": ["{{ url_for('shop.novels') }}\n", "{% if %}", "{{ x }}"],
        "pyproject.toml": [
            "",
            "[tool.flask-gotchas]\nignore = ['FLG104']\n",
            "[tool.flask-gotchas]\nexclude = ['more']\n",
            "[tool.flask-gotchas.per-file-ignores]\n'shop/*' = ['FLG']\n",
        ],
        "requirements.txt": ["flask==2.2\n", "flask>=3\n"],
    }

    def __init__(self, root: Path, seed: int) -> None:
        self.root = root
        self.chance = random.Random(seed)

    def edit(self) -> None:
        path = self.root / self.chance.choice(self.PATHS)
        kind = self.chance.choice(
            [
                *("change", "change", "space", "space", "inside", "inside"),
                *("other", "delete", "rename", "touch", "forge", "link", "folder"),
            ]
        )
        if kind == "change" or (kind != "other" and not path.is_file()):
            self.write(path, self.chance.choice(self.TEXTS))
        elif kind == "other":
            name = self.chance.choice(list(self.OTHERS))
            self.write(self.root / name, self.chance.choice(self.OTHERS[name]))
        elif kind == "space":
            text = path.read_text(encoding="utf-8")
            self.write(path, self.chance.choice([f"\n{text}", f"# flask\n{text}\n", f"{text}\n"]))
        elif kind == "inside":
            text = path.read_text(encoding="utf-8")
            more = self.chance.choice(["# more", "more = 1", "letter()", "books()"])
            self.write(path, text.replace("    return", f"    {more}\n    return"))
        elif kind == "delete":
            path.unlink()
        elif kind == "rename":
            other = self.root / self.chance.choice(self.PATHS)
            other.parent.mkdir(parents=True, exist_ok=True)
            path.replace(other)
        elif kind == "touch":
            os.utime(path, ns=(0, self.chance.randrange(10**18)))
        elif kind == "forge":
            state = path.stat()
            text = path.read_text(encoding="utf-8")
            self.write(path, text.replace("books", "BOOKS") if "books" in text else text.swapcase())
            os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
        elif kind == "link" and os.name != "nt":
            target = self.root / "shop/plain.py"
            if target.is_file() and target != path:
                path.unlink()
                path.symlink_to(target)
        elif kind == "folder":
            shutil.rmtree(self.root / "shop/more", ignore_errors=True)

    @staticmethod
    def write(path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("seed", range(8))
def test_random_edits_are_seen_as_without_a_cache(
    shop: Shop, seed: int, quick_clock: Callable[[], None]
) -> None:
    editor = Editor(shop.root, seed)
    commands = [[], ["shop"], ["--select", "ALL"], ["shop/mail.py"], ["--output-format", "full"]]
    for _ in range(25):
        for _ in range(editor.chance.choice([0, 1, 1, 2])):
            editor.edit()
        if editor.chance.random() < 0.5:
            quick_clock()
        arguments = editor.chance.choice(commands)
        if arguments != ["shop/mail.py"] or (shop.root / "shop/mail.py").exists():
            shop.run_both(*arguments)
