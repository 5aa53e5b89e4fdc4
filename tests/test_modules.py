"""Which file of a project an import means."""

from __future__ import annotations

import pytest

from flask_gotchas.modules import ModuleIndex, module_id


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("app.py", "app"),
        ("shop/views.py", "shop.views"),
        ("shop/__init__.py", "shop"),
        ("src/shop/views.py", "src.shop.views"),
        ("__init__.py", "__init__"),
        ("shop/__main__.py", "shop.__main__"),
        ("app.pyw", "app"),
        ("./shop/views.py", "shop.views"),
        ("../common/views.py", "common.views"),
        ("/srv/shop/views.py", "srv.shop.views"),
        ("shop\\views.py", "shop.views"),
        ("my.shop/views.v2.py", "my_shop.views_v2"),
        ("shop/views (copy).py", "shop.views _copy_"),
        ("shop/<new>[1].py", "shop._new__1_"),
        ("my-shop/mañana.py", "my-shop.mañana"),
    ],
)
def test_a_file_is_known_by_its_dotted_path(path: str, expected: str) -> None:
    assert ".".join(module_id(path)) == expected


FLAT = "app.py models.py views.py"
PACKAGE = "run.py shop/__init__.py shop/models.py shop/views/__init__.py shop/views/api.py"
SRC = "src/shop/__init__.py src/shop/models.py tests/conftest.py tests/test_models.py"
NAMESPACE = "shop/models.py shop/views/api.py run.py"
TWO_APPS = (
    "one/app.py one/models.py one/lib/__init__.py one/lib/tools.py "
    "two/app.py two/models.py two/lib/__init__.py two/lib/tools.py scripts/seed.py"
)
TWO_PACKAGES = (
    "one/setup.py one/shop/__init__.py one/shop/models.py "
    "two/setup.py two/shop/__init__.py two/shop/models.py"
)
SCRIPTS = "shop/__init__.py shop/app.py scripts/seed.py scripts/helpers.py"
SHADOWS = "shop/__init__.py shop/flask.py shop/celery.py shop/app.py run.py"
TOP_SHADOWS = "logging.py flask.py app.py examples/flask.py"
ODD = "shop.py shop/__init__.py shop/a.py"


@pytest.mark.parametrize(
    ("layout", "importer", "name", "expected"),
    [
        (FLAT, "app", "models", "models"),
        (FLAT, "app", "flask", None),
        (FLAT, "app", "models.User", None),
        (PACKAGE, "run", "shop", "shop"),
        (PACKAGE, "run", "shop.views.api", "shop.views.api"),
        (PACKAGE, "shop.models", "shop.views", "shop.views"),
        (PACKAGE, "shop.views.api", "shop.models", "shop.models"),
        (PACKAGE, "run", "views.api", None),
        (PACKAGE, "run", "api", None),
        # A script inside of the package, which is started from there.
        (PACKAGE, "shop.models", "views.api", "shop.views.api"),
        (SRC, "tests.test_models", "shop.models", "src.shop.models"),
        (SRC, "tests.test_models", "conftest", "tests.conftest"),
        (SRC, "src.shop.models", "shop", "src.shop"),
        (SRC, "src.shop", "src.shop.models", "src.shop.models"),
        (NAMESPACE, "run", "shop.models", "shop.models"),
        (NAMESPACE, "shop.views.api", "shop.models", "shop.models"),
        (TWO_APPS, "one.app", "models", "one.models"),
        (TWO_APPS, "two.app", "models", "two.models"),
        (TWO_APPS, "two.lib.tools", "models", "two.models"),
        (TWO_APPS, "one.app", "lib.tools", "one.lib.tools"),
        (TWO_APPS, "one.app", "two.models", "two.models"),
        (TWO_APPS, "scripts.seed", "models", None),
        (TWO_APPS, "scripts.seed", "two.models", "two.models"),
        (TWO_PACKAGES, "one.shop.models", "shop.models", "one.shop.models"),
        (TWO_PACKAGES, "two.shop", "shop.models", "two.shop.models"),
        (TWO_PACKAGES, "one.setup", "shop", "one.shop"),
        (SCRIPTS, "scripts.seed", "shop.app", "shop.app"),
        (SCRIPTS, "scripts.seed", "helpers", "scripts.helpers"),
        (SCRIPTS, "shop.app", "helpers", "scripts.helpers"),
        (SHADOWS, "shop.app", "flask", None),
        (SHADOWS, "shop.flask", "flask", None),
        (SHADOWS, "run", "flask", None),
        (SHADOWS, "run", "shop.flask", "shop.flask"),
        (SHADOWS, "run", "celery", None),
        (TOP_SHADOWS, "app", "logging", "logging"),
        (TOP_SHADOWS, "app", "flask", None),
        (TOP_SHADOWS, "app", "examples.flask", "examples.flask"),
        (TOP_SHADOWS, "examples.flask", "flask", None),
        (ODD, "shop.a", "shop", "shop"),
        ("", "app", "shop", None),
    ],
)
def test_an_import_means_the_file_that_python_would_find(
    layout: str, importer: str, name: str, expected: str | None
) -> None:
    index = ModuleIndex(layout.split())
    assert index.find(name, importer) == expected
    assert index.find(name, importer) == expected, "asked once more"


def test_files_are_found_by_their_id() -> None:
    index = ModuleIndex(["src/shop/__init__.py", "src/shop/views.py"])
    assert index.ids == {"src.shop": "src/shop/__init__.py", "src.shop.views": "src/shop/views.py"}
    assert index.heads == {"src", "shop", "views"}


@pytest.mark.parametrize("layout", [ODD, "shop/a.py shop/__init__.py shop.py"])
def test_a_package_is_imported_and_not_the_script_of_the_same_name(layout: str) -> None:
    index = ModuleIndex(layout.split())
    assert index.ids["shop"] == "shop/__init__.py"
    assert index.id_of("shop.py") not in {"shop", "shop.a"}
    assert index.ids[index.id_of("shop.py")] == "shop.py"
    assert index.find("shop", index.id_of("shop.py")) == "shop"
