"""Fixes of single rules: what they write, and where they leave it to a person."""

from __future__ import annotations

import pytest
from support import fixed

from flask_gotchas import docs, fixes
from flask_gotchas.run import check_sources

APP = "from flask import Flask, request\n\napp = Flask(__name__)\n"
VIEW = f'{APP}\n\n@app.post("/<name>")\ndef view(name):\n'
UPLOAD = (
    'import os\n\nfrom flask import Flask, request\n\napp = Flask(__name__)\n\n\n@app.post("/")\n'
)
DATABASE = (
    "from flask import Flask\nfrom flask_sqlalchemy import SQLAlchemy\n\n"
    "app = Flask(__name__)\ndb = SQLAlchemy(app)\n"
)


def after(code: str, text: str, path: str = "app.py") -> str:
    return fixed(code, docs.Example("bad", {path: text}, [], 1))[0].files[path]


@pytest.mark.parametrize(
    ("code", "before", "wanted"),
    [
        # 509: a factory that has a way out of its own is left alone.
        (
            "FLG509",
            "from flask import Flask\n\ndef create_app():\n    app = Flask(__name__)\n\n"
            "    @app.get('/')\n    def index():\n        return ''\n",
            "from flask import Flask\n\ndef create_app():\n    app = Flask(__name__)\n\n"
            "    @app.get('/')\n    def index():\n        return ''\n\n    return app\n",
        ),
        # 510: each way in which a key is written.
        (
            "FLG510",
            f"{APP}app.config['secret_key'] = open('key').read()\n",
            f"{APP}app.config['SECRET_KEY'] = open('key').read()\n",
        ),
        # 511
        (
            "FLG511",
            f"import os\n\n{APP}app.config['MAX_CONTENT_LENGTH'] = os.environ['MAX']\n",
            f"import os\n\n{APP}app.config['MAX_CONTENT_LENGTH'] = int(os.environ['MAX'])\n",
        ),
        # 604: the other arguments stay.
        (
            "FLG604",
            VIEW.replace("Flask,", "Flask, render_template_string,")
            + '    return render_template_string(f"{name}: {{{{ title }}}}", title="Shop")\n',
            VIEW.replace("Flask,", "Flask, render_template_string,")
            + '    return render_template_string("{{ name }}: {{ title }}", '
            'title="Shop", name=name)\n',
        ),
        # 605: the name is shown as it came, and stored as it is safe.
        (
            "FLG605",
            f"{UPLOAD}def view():\n    file = request.files['a']\n    name = file.filename\n"
            "    path = os.path.join('files', name)\n    file.save(path)\n    return name\n",
            UPLOAD.replace("request\n", "request\nfrom werkzeug.utils import secure_filename\n")
            + "def view():\n    file = request.files['a']\n    name = file.filename\n"
            "    path = os.path.join('files', secure_filename(name))\n"
            "    file.save(path)\n    return name\n",
        ),
        # 607: what is added to the text stays markup.
        (
            "FLG607",
            f"{VIEW}    return '<b>' + name + '</b>'\n",
            VIEW.replace("request\n", "request\nfrom markupsafe import escape\n")
            + "    return '<b>' + str(escape(name)) + '</b>'\n",
        ),
        (
            "FLG607",
            f"{VIEW}    text = request.args['a'].strip()\n    return text.title()\n",
            VIEW.replace("request\n", "request\nfrom markupsafe import escape\n")
            + "    text = request.args['a'].strip()\n    return escape(text.title())\n",
        ),
        # 608
        (
            "FLG608",
            VIEW.replace("<name>", "<path:name>").replace("Flask,", "Flask, send_file,")
            + "    from pathlib import Path\n"
            "    return send_file(Path('/srv') / name, as_attachment=True)\n",
            VIEW.replace("<name>", "<path:name>").replace("request", "request, send_from_directory")
            + "    from pathlib import Path\n"
            "    return send_from_directory(Path('/srv'), name, as_attachment=True)\n",
        ),
        # 609: with what is done to the markup afterwards.
        (
            "FLG609",
            "from markupsafe import Markup\n"
            f"{VIEW}    return {{'a': Markup('<b>%s</b>' % name).strip()}}\n",
            "from markupsafe import Markup\n"
            f"{VIEW}    return {{'a': (Markup('<b>%s</b>') % name).strip()}}\n",
        ),
        (
            "FLG609",
            "from markupsafe import Markup as M\n"
            f"{VIEW}    return {{'a': M('<a>' + name + '</a><b>' + name + '</b>')}}\n",
            "from markupsafe import Markup as M\n"
            f"{VIEW}    return {{'a': M('<a>') + name + M('</a><b>') + name + M('</b>')}}\n",
        ),
        (
            "FLG609",
            "from markupsafe import Markup\n"
            f"{VIEW}    return {{'a': Markup(name + '<br>').strip()}}\n",
            "from markupsafe import Markup\n"
            f"{VIEW}    return {{'a': (name + Markup('<br>')).strip()}}\n",
        ),
        # 702: one setting is the opposite of the old one.
        (
            "FLG702",
            f"{APP}app.config['JSONIFY_PRETTYPRINT_REGULAR'] = True\n",
            f"{APP}app.json.compact = False\n",
        ),
        # 901: in a block, and behind the application only.
        (
            "FLG901",
            f"{DATABASE}if __name__ == '__main__':\n    db.create_all()\n    app.run()\n",
            f"{DATABASE}if __name__ == '__main__':\n    with app.app_context():\n"
            "        db.create_all()\n    app.run()\n",
        ),
        # 903
        (
            "FLG903",
            f"{DATABASE}db.init_app(app)  # again\n",
            f"{DATABASE}db.init_app(app)  # again\n",
        ),
        # 904
        (
            "FLG904",
            f"{APP}app.config['SQLALCHEMY_DATABASE_URI'] = 'postgres://postgres:postgres@db'\n",
            f"{APP}app.config['SQLALCHEMY_DATABASE_URI'] = 'postgresql://postgres:postgres@db'\n",
        ),
    ],
)
def test_the_fix_writes_this(code: str, before: str, wanted: str) -> None:
    assert after(code, before) == wanted


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (
            "FLG509",
            "from flask import Flask\n\ndef create_app(config=None):\n    if not config:\n"
            "        return\n    app = Flask(__name__)\n    app.config.update(config)\n",
        ),
        ("FLG511", f"import os\n\n{APP}app.config['MAX_CONTENT_LENGTH'] = os.environ.get('MAX')\n"),
        ("FLG511", f"{APP}app.config['MAX_CONTENT_LENGTH'] = '16 MB'\n"),
        (
            "FLG604",
            VIEW.replace("Flask,", "Flask, render_template_string,")
            + '    return render_template_string(f"{name.title()}")\n',
        ),
        (
            "FLG605",
            f"{UPLOAD}def view():\n    secure_filename = request.files['a']\n"
            "    secure_filename.save(os.path.join('a', secure_filename.filename))\n"
            "    return ''\n",
        ),
        # A relative folder is somewhere else for the other function.
        (
            "FLG608",
            VIEW.replace("<name>", "<path:name>").replace("Flask,", "Flask, send_file,")
            + "    import os\n    return send_file(os.path.join('files', name))\n",
        ),
        ("FLG609", f"from markupsafe import Markup\n{VIEW}    return {{'a': Markup(name)}}\n"),
        (
            "FLG609",
            f"from markupsafe import Markup\n{VIEW}    return {{'a': Markup(f'{{name:>9}}')}}\n",
        ),
        ("FLG702", f"{APP}app.config.update(JSON_SORT_KEYS=False)\n"),
        ("FLG702", f"{APP}app.config['JSONIFY_PRETTYPRINT_REGULAR'] = request\n"),
        # What is added is lost at the end of the context.
        ("FLG901", f"{DATABASE}db.session.add(app)\ndb.session.commit()\n"),
        ("FLG901", f"{DATABASE}other = Flask('other')\ndb.create_all()\n"),
        ("FLG903", f"{DATABASE}more = SQLAlchemy()\nmore.init_app(app)\n"),
    ],
)
def test_this_takes_a_person(code: str, text: str) -> None:
    assert [one.code for one in check_sources({"app.py": text}).diagnostics if one.code == code]
    assert after(code, text) == text


def test_a_form_keeps_its_other_attributes() -> None:
    page = (
        '<form method="post"\n      action="/photo"\n>\n'
        '  <input type="file" name="photo">\n</form>\n'
        '<FORM METHOD=POST ENCTYPE=text/plain><input type="file" name="photo"></FORM>\n'
    )
    files = {
        "app.py": f"{APP}\n\n@app.post('/photo')\ndef photo():\n    return ''\n",
        "templates/photo.html": page,
    }
    text = fixed("FLG803", docs.Example("bad", files, [], 1))[0].files["templates/photo.html"]
    assert text == page.replace('"/photo"\n>', '"/photo" enctype="multipart/form-data"\n>').replace(
        "ENCTYPE=text/plain", 'enctype="multipart/form-data"'
    )


def test_a_template_that_is_perhaps_meant_is_only_suggested() -> None:
    text = (
        "from flask import Flask, render_template\n\napp = Flask(__name__)\n\n\n"
        "@app.get('/')\ndef home():\n    render_template('hom.html')\n"
        "    return render_template('templates/Home.html')\n"
    )
    files = {"app.py": text.encode(), "templates/home.html": b"home\n"}
    report = check_sources(files, rules=frozenset({"FLG801"}))
    found = fixes.with_fixes(report, files.__getitem__).diagnostics
    assert [one.fix is not None and one.fix.safe for one in found] == [False, True]
