"""The command line.

What only some commands need is imported when they run: `--version`, `explain` and `rules` must not
wait for LibCST.
"""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING, Any, Final, TextIO

import click

from flask_gotchas import __version__, output, reporters
from flask_gotchas.streams import Stdout, lines_of, reader, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from flask_gotchas.fixes import Outcome
    from flask_gotchas.model import Report
    from flask_gotchas.unused_imports import Texts

EXAMPLES: Final = """\b
Examples:
  flask-gotchas                            check the current folder
  flask-gotchas src/ --output-format full  show the code of each problem
  flask-gotchas --select FLG6 src/         look for production problems only
  flask-gotchas --output-format concise --output-format sarif:report.sarif
                                           show problems and write a file, too
  flask-gotchas --diff                     show what --fix would change
  flask-gotchas explain FLG101             say what a rule is about
  flask-gotchas init                       add settings to this project
  flask-gotchas routes                     list the URL rules of the applications
  flask-gotchas routes --match /users/1    say which of them answers a path
  flask-gotchas server                     serve an editor (language server)
  flask-gotchas - --stdin-filename app.py  check what is piped in

\b
A first argument that is the name of a command is that command; write ./rules
to check a folder called rules.

\b
Exit status: 0 nothing found, 1 problems found, 2 could not do its work.
"""


class CheckByDefault(click.Group):
    """Commands of which `check` need not be named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {name for option in self.get_params(ctx) for name in option.opts}
        if not args or args[0] not in own | set(self.commands):
            args = ["check", *args]
        return super().parse_args(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show the options of `check` as if they were of the whole."""
        parameters = [*self.commands["check"].params, *self.get_params(ctx)]
        options = (one for one in parameters if isinstance(one, click.Option))
        records = [option.get_help_record(ctx) for option in options]
        with formatter.section("Options"):
            formatter.write_dl([record for record in records if record])
        self.format_commands(ctx, formatter)


@click.group(
    cls=CheckByDefault,
    subcommand_metavar="[PATHS]...",
    epilog=EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def cli() -> None:
    """Find the mistakes that Flask accepts without a word."""


def read_formats(
    context: click.Context, option: click.Parameter, values: Sequence[str]
) -> list[output.Target]:
    """Read each `FORMAT` or `FORMAT:FILE`."""
    try:
        return [output.parse(value) for value in values]
    except output.OutputError as error:
        raise click.BadParameter(str(error), context, option) from error


def list_option(name: str, metavar: str, text: str) -> Callable[[Any], Any]:
    """Make an option which takes a comma list and may be repeated."""
    return click.option(name, multiple=True, metavar=metavar, help=text)


@cli.command(short_help="Check files and folders (the default).")
@click.argument("paths", nargs=-1)
@list_option("--select", "RULES", "Run these rules only: codes, beginnings of codes, or names.")
@list_option("--extend-select", "RULES", "Run these rules too.")
@list_option("--ignore", "RULES", "Leave these rules out.")
@list_option("--extend-ignore", "RULES", "Leave these rules out too.")
@list_option("--per-file-ignores", "GLOB:RULES", "Leave rules out in some files.")
@list_option("--exclude", "GLOBS", "Do not look into these files and folders.")
@list_option("--extend-exclude", "GLOBS", "Do not look into these either.")
@click.option(
    "--output-format",
    "formats",
    callback=read_formats,
    multiple=True,
    metavar="FORMAT[:FILE]",
    help=f"How to write the report: {', '.join(reporters.names())} (concise, if pyproject.toml "
    "does not say). With :FILE it goes to that file; repeat it for several.",
)
@click.option(
    "--output-file", metavar="FILE", help="Write the report to this file, not to standard output."
)
@click.option("--statistics", is_flag=True, help="Count the problems of each rule instead.")
@click.option("--fix", is_flag=True, help="Put right what can safely be put right.")
@click.option(
    "--unsafe-fixes", is_flag=True, help="With --fix or --diff, do what is only suggested, too."
)
@click.option("--diff", is_flag=True, help="Show what --fix would change, and write nothing.")
@click.option("--add-noqa", is_flag=True, help="Silence what is found by comments in the files.")
@click.option(
    "--baseline", metavar="FILE", help="Report only what is not in this list, and keep it short."
)
@click.option("--write-baseline", metavar="FILE", help="Write such a list of what is found.")
@click.option("--show-settings", is_flag=True, help="Show each setting and where it is from.")
@click.option("--isolated", is_flag=True, help="Read no pyproject.toml.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even when there are problems.")
@click.option("-n", "--no-cache", is_flag=True, help="Use nothing of earlier runs.")
@click.option("--cache-dir", metavar="FOLDER", help="Keep results in this folder for later runs.")
@click.option(
    "-j", "--jobs", type=click.IntRange(min=1), metavar="N", help="Use up to N processes."
)
@click.option("--stdin-filename", metavar="NAME", help="The file name of what is piped in as `-`.")
def check(  # noqa: PLR0915 - one step after the other
    paths: tuple[str, ...],
    *,
    formats: list[output.Target],
    output_file: str | None,
    statistics: bool,
    fix: bool,
    unsafe_fixes: bool,
    diff: bool,
    add_noqa: bool,
    baseline: str | None,
    write_baseline: str | None,
    show_settings: bool,
    isolated: bool,
    exit_zero: bool,
    no_cache: bool,
    stdin_filename: str | None,
    **overrides: object,
) -> int:
    """Check Python files, and the folders they are in, for Flask gotchas."""
    from flask_gotchas import disk, settings
    from flask_gotchas.cache import reports
    from flask_gotchas.cache.folder import CacheFolder
    from flask_gotchas.cache.keys import folders_above, report_key
    from flask_gotchas.progress import Progress

    if baseline and write_baseline:
        raise click.UsageError("--baseline and --write-baseline do not go together")
    if unsafe_fixes and not (fix or diff):
        raise click.UsageError("--unsafe-fixes goes with --fix or --diff")
    if (fix or diff) and (add_noqa or baseline or write_baseline):
        raise click.UsageError("--fix and --diff go neither with --add-noqa nor with a baseline")
    if "-" in paths and (fix or diff or add_noqa or write_baseline):
        raise click.UsageError("--fix, --diff, --add-noqa and --write-baseline need files, not `-`")
    stdin = read_stdin(paths, stdin_filename)
    named = [stdin[0]] if stdin else list(paths or ["."])
    arguments: Sequence[str] | None = click.get_current_context().find_root().obj
    if arguments is not None and not reports.is_plain(arguments):
        arguments = None
    key = "" if arguments is None else report_key(arguments)
    given: dict[str, object] = {name.replace("_", "-"): value for name, value in overrides.items()}
    given["output-format"] = next((one.format for one in formats if one.path is None), None)
    with plain_errors(), disk.watching() as watch:
        loaded = settings.load(settings.common_folder(named), given, isolated)
        cache = None if no_cache else CacheFolder(settings.cache_folder(loaded))
        if cache is not None and arguments is not None and cache.path not in folders_above():
            before = reports.find(cache, key, arguments)
            if before is not None:
                before.show()
                return before.status
        from flask_gotchas import lean_import  # noqa: F401 - before LibCST comes in another way
        from flask_gotchas.rule import all_rules
        from flask_gotchas.run import project_texts, run

        settings.validate(loaded, all_rules())
        targets = output.plan(formats, output_file, loaded.output_format, statistics=statistics)
        if show_settings:
            with Stdout() as out:
                out.write(settings.show(loaded, all_rules()))
            return 0
        with Progress(sys.stderr) as progress:
            report = run([] if stdin else named, loaded, stdin, cache, progress)
        said: list[str] = []
        if fix or diff:
            outcome, said = put_right(
                lambda texts: run(named, loaded, None, cache, overlay=texts),
                report,
                texts=lambda: project_texts(named, loaded),
                unsafe=unsafe_fixes,
                writes=not diff,
            )
            if diff:
                return show_diff(outcome)
            report = outcome.report
        elif any(target.format in output.WITH_FIXES for target in targets):
            from flask_gotchas import fixes

            piped = dict([stdin]) if stdin else {}
            report = fixes.with_tried_fixes(
                lambda texts: run(
                    [] if stdin else named,
                    loaded,
                    (stdin[0], texts.get(*stdin)) if stdin else None,
                    cache,
                    overlay=texts,
                ),
                lambda path: piped[path] if path in piped else disk.read(path),
                report,
                lambda: project_texts(named, loaded),
            )
        if baseline or write_baseline:
            from flask_gotchas import baseline as baselines

            given_paths = [] if stdin else named
            checked = baselines.Checked(given_paths, loaded, all_rules(), reader(stdin))
            change = baselines.accept if write_baseline else baselines.apply
            try:
                report, said = change(str(write_baseline or baseline), report, checked)
            except baselines.BaselineError as error:
                raise click.ClickException(str(error)) from error
        if add_noqa:
            from flask_gotchas import add_noqa as adding

            report, more = adding.add_noqa(report)
            said += more
        answer = output.answer(
            targets, report, reader(stdin), said, statistics=statistics, exit_zero=exit_zero
        )
        answer.show()
    if cache is not None:
        if arguments is not None:
            reports.keep(cache, key, arguments, watch, answer)
        if cache.problem is not None:
            output.warn(f"{cache.path}: no results can be kept here: {cache.problem}")
    return answer.status


@cli.command(short_help="List the URL rules, as `flask routes` would.")
@click.argument("paths", nargs=-1)
@click.option("--endpoint", metavar="GLOB", help="List rules whose endpoint fits.")
@click.option("--method", metavar="METHOD", help="List rules that answer this method.")
@click.option("--match", "url", metavar="PATH", help="Say which rule answers this path (GET).")
@click.option(
    "--sort",
    type=click.Choice(["endpoint", "rule", "method", "file", "match"]),
    default="endpoint",
    show_default=True,
    help="What to sort by; `match` is the order in which Werkzeug tries the rules.",
)
@click.option(
    "--format",
    "how",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
    help="How to write the list.",
)
@click.option("--isolated", is_flag=True, help="Read no pyproject.toml.")
def routes(
    paths: tuple[str, ...],
    *,
    endpoint: str | None,
    method: str | None,
    url: str | None,
    sort: str,
    how: str,
    isolated: bool,
) -> int:
    """List the URL rules of the applications in files and folders, without importing anything.

    With --match, ask all rules of these applications which of them answers a path.
    """
    from flask_gotchas import routes as listing
    from flask_gotchas import settings

    named = list(paths or ["."])
    method = method.upper() if method else None
    with plain_errors():
        loaded = settings.load(settings.common_folder(named), {}, isolated)
        from flask_gotchas import lean_import  # noqa: F401 - before LibCST comes in another way
        from flask_gotchas.rule import all_rules
        from flask_gotchas.run import list_routes

        settings.validate(loaded, all_rules())
        found = list_routes(named, loaded, whole=url is not None)
    if url is None:
        listed, notes = listing.select(found.routes, endpoint=endpoint, method=method, sort=sort)
    else:
        method = method or "GET"
        listed, notes = listing.match(
            found.routes, found.files, url, endpoint=endpoint, method=method
        )
    with Stdout() as out:
        listing.write(listed, out, how=how, asked=f"{method} {url}", root=loaded.root)
    for path in found.unread:
        output.warn(f"{path} cannot be read, so its routes are missing")
    for note in notes:
        click.echo(f"note: {reporters.clean(note)}", err=True)
    if not found.files:
        output.warn(output.NO_FILES)
    elif not listed:
        click.echo("No routes found.", err=True)
    asked = (endpoint, method, url) != (None, None, None)
    return int(asked and not listing.is_found(listed))


@cli.command(short_help="Say what a rule is about.")
@click.argument("rule", metavar="CODE|NAME")
def explain(rule: str) -> int:
    """Show the document of a rule, given by its code or its name."""
    from flask_gotchas import docs, pages

    try:
        doc = docs.load(rule)
    except (docs.UnknownRuleError, docs.DocumentError) as error:
        raise click.ClickException(str(error)) from error
    with Stdout() as out:
        pages.show(doc, out)
    return 0


@cli.command(short_help="Add settings, and a hook for pre-commit, to a project.")
@click.option(
    "--pre-commit/--no-pre-commit",
    default=None,
    help="Add the hook, or do not ask about it on a terminal.",
)
def init(*, pre_commit: bool | None) -> int:
    """Add a table to pyproject.toml that shows all settings, and a hook for pre-commit.

    What is there already stays as it is.
    """
    from flask_gotchas import init as setting_up

    places = setting_up.places(".")
    try:
        click.echo(reporters.clean(setting_up.add_table(places.pyproject)))
        if pre_commit is None and not setting_up.has_hook(places.pre_commit):
            question = f"Add a hook to {reporters.clean(places.pre_commit)}, too?"
            on_terminal = sys.stdin is not None and sys.stdin.isatty()
            pre_commit = on_terminal and click.confirm(question, default=False)
        if pre_commit:
            click.echo(reporters.clean(setting_up.add_hook(places.pre_commit)))
    except setting_up.InitError as error:
        raise click.ClickException(str(error)) from error
    return 0


@cli.command(short_help="Serve an editor.")
@click.option("--stdio", is_flag=True, hidden=True, help="Many editors say this.")
def server(*, stdio: bool) -> int:  # noqa: ARG001 - there is no other way
    """Serve an editor that speaks the language server protocol on standard input and output.

    It shows what is found while code is written, and offers fixes. It is the editor that starts
    this, not a person.
    """
    try:
        import pygls.lsp.server  # noqa: F401 - only to see whether it is there
    except ImportError as error:
        raise click.ClickException(
            "the language server needs more packages: pip install 'flask-gotchas[lsp]'"
        ) from error
    from flask_gotchas.server import language_server

    language_server.serve()
    return 0


@cli.command(short_help="List all rules.")
@click.option(
    "--output-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to write the list.",
)
def rules(output_format: str) -> int:
    """List all rules: code, name, whether on by default, severity and what they find."""
    from flask_gotchas import docs

    try:
        found = [doc.meta for doc in docs.all_docs()]
    except docs.DocumentError as error:
        raise click.ClickException(str(error)) from error
    with Stdout() as out:
        if output_format == "json":
            import msgspec

            write_json(msgspec.to_builtins(found), out)
            return 0
        widest = max((len(meta.name) for meta in found), default=0)
        for meta in found:
            default = "on" if meta.default else "off"
            name = meta.name.ljust(widest)
            out.write(
                f"{meta.code}  {name}  {default:3}  {meta.severity.value:7}  {meta.summary}\n"
            )
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit status; every failure is one line on stderr."""
    try:
        given = sys.argv[1:] if arguments is None else list(arguments)
        done = cli.main(given, prog_name="flask-gotchas", standalone_mode=False, obj=given)
        return int(done or 0)
    except click.Abort:
        return output.interrupted()
    except click.ClickException as error:
        return output.fail(error.format_message())
    except OSError as error:
        return output.fail_for(error)
    except Exception as error:  # noqa: BLE001 - whatever it is, status 1 would mean "problems found"
        import traceback

        last = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{os.path.basename(last.filename)}:{last.lineno}"
        return output.fail(
            f"this is a bug, please report it: {type(error).__name__} at {place}: {error}"
        )


@contextlib.contextmanager
def plain_errors() -> Iterator[None]:
    """Turn what users may get wrong in settings and paths into an error message."""
    from flask_gotchas.discover import PathNotFound
    from flask_gotchas.settings import SettingsError

    try:
        yield
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    except output.OutputError as error:
        raise click.UsageError(str(error)) from error
    except PathNotFound as error:
        raise click.ClickException(f"{error.path}: no such file or folder") from error


def put_right(
    check: Callable[[Mapping[str, bytes]], Report],
    report: Report,
    *,
    texts: Texts,
    unsafe: bool,
    writes: bool,
) -> tuple[Outcome, list[str]]:
    """Fix what a report holds; give what became of that, and what to say."""
    from flask_gotchas import disk, fixes

    outcome = fixes.fix(check, disk.read, unsafe=unsafe, first=report, texts=texts)
    if not writes:
        return outcome, outcome.said
    said = fixes.write(outcome, disk.read)
    if len(said) > len(outcome.said):  # some files could not be written
        outcome = outcome._replace(report=fixes.compared(report, check({})))
    return outcome, said


def show_diff(outcome: Outcome) -> int:
    """Show what fixes would change, and give the exit status: 1 if there is anything."""
    from flask_gotchas import fixes

    text = fixes.diff(outcome)
    with Stdout() as out:
        if out.isatty():
            text = "".join(f"{reporters.clean(line)}\n" for line in lines_of(text)[:-1])
        out.write(text)
    for line in outcome.said:
        say(reporters.clean(line))
    if outcome.report.internal_error:
        say("\n".join(output.conclusion(outcome.report)))
        return 2
    fixed = reporters.count(outcome.report.fixed, "problem")
    say(f"Would fix {fixed} in {reporters.count(len(outcome.after), 'file')}.")
    return int(bool(outcome.after))


def read_stdin(paths: Sequence[str], name: str | None) -> tuple[str, bytes] | None:
    """Read what is piped in when the path is `-`."""
    if "-" not in paths:
        if name is not None:
            raise click.UsageError("--stdin-filename goes with `-` as the only path")
        return None
    if len(paths) > 1:
        raise click.UsageError("`-` must be the only path")
    return name or "stdin.py", sys.stdin.buffer.read() if sys.stdin else b""


def write_json(document: object, out: TextIO) -> None:
    """Write a document as the JSON reporter does."""
    from flask_gotchas.reporters import json

    out.write(json.dump(document))
