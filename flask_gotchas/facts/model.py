"""What a file means to Flask: frozen plain data with anchors instead of nodes.

An anchor is the number of a node among those which the collectors wrote down, in the order of the
walk. Exact positions are only worked out for anchors that are reported; walking the same source
again gives the same numbers.

References and meanings are the strings that `flask_gotchas.names` explains. `runs` is the
reference of the function whose call runs the code, empty for what runs when the module is
imported. `guards` is a sum of the `Guard` values around it.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from flask_gotchas.facts.expressions import Expression, Invoke


class Guard:
    """What is known about the place where some code runs: bits of one number."""

    APP_CONTEXT = 1  # inside `with app.app_context()` or after its `push()`
    REQUEST_CONTEXT = 2  # inside a test request context
    CHECKED = 4  # has_app_context() was asked, or RuntimeError is caught
    TYPING = 8  # under TYPE_CHECKING: never runs
    MAIN = 16  # under `if __name__ == "__main__"`
    CONDITIONAL = 32  # under any other `if`, in a loop, an `except` or a skipped operand
    AFTER_EXIT = 64  # the function may have returned or raised before


class Value(msgspec.Struct, frozen=True):
    """What is known of an expression's value.

    `kind` is true, false, none, string, bytes, number, environment (text read from the
    environment), random (made anew at each start), reference (whatever that stands for) or unknown;
    `text` the string, the literal, the digits, the variable's name, what makes the random value, or
    the reference. `fallback` is the text that is taken where the environment has no such variable.
    """

    kind: str
    text: str = ""
    fallback: str = ""


UNKNOWN = Value("unknown")


class Parameter(msgspec.Struct, frozen=True):
    """A parameter; `kind` is positional, keyword, star or double_star.

    `annotation` is a reference; None where it is text, as all are that are postponed.
    """

    name: str
    kind: str
    has_default: bool
    annotation: str | None = None


class DecoratorFact(msgspec.Struct, frozen=True):
    """A decorator: what it is, without its call; `spelling` as the source writes it.

    `gives_rule` tells that it is called with something like a URL rule or with `methods`.
    """

    meaning: str | None
    spelling: str
    called: bool
    gives_rule: bool
    anchor: int


class FunctionFact(msgspec.Struct, frozen=True):
    """A function or method; `owner` is the class around it, `runs` what defines it."""

    reference: str
    name: str
    runs: str
    owner: str | None
    anchor: int
    parameters: tuple[Parameter, ...]
    decorators: tuple[DecoratorFact, ...]
    returns: tuple[str | None, ...]
    is_async: bool
    is_generator: bool


class ClassFact(msgspec.Struct, frozen=True):
    """A class; `methods` are the functions of its body, `attributes` its simple assignments."""

    reference: str
    name: str
    runs: str
    anchor: int
    bases: tuple[str | None, ...]
    decorators: tuple[DecoratorFact, ...]
    methods: tuple[str, ...]
    http_methods: tuple[str, ...] | None


class ImportFact(msgspec.Struct, frozen=True):
    """An import of a module, or of a name that may be a submodule."""

    module: str
    name: str | None
    runs: str
    guards: int
    anchor: int


class CallFact(msgspec.Struct, frozen=True):
    """A call of something that may be a function or class of the project.

    `spread` names what is unpacked, as in `f(*args, **kwargs)`, if there are no other arguments.
    """

    target: str
    runs: str
    guards: int
    anchor: int
    spread: tuple[str, ...] = ()


class TouchFact(msgspec.Struct, frozen=True):
    """A use of a context proxy, or a call of a function that needs a context.

    Also what may be a use of a database, by a reference of the project: `shop.db.session`,
    `shop.db.create_all()` or `shop.models.User.query`. `raises` is the exception when there is no
    context.
    """

    what: str
    runs: str
    guards: int
    anchor: int
    raises: str = "RuntimeError"


class Shape(msgspec.Struct, frozen=True):
    """What an expression gives, as far as its syntax tells.

    `kind` is none, bool, int, float, str, bytes, list, tuple, dict, set, generator, lambda, either
    (one of `items`), call, await (of the one item), name or other. `meaning` says what a call or a
    name is, `value` is the text or number of a literal, `items` are the parts of a tuple or list,
    and the arguments of a call of Flask's own; among them `*` marks what is unpacked and `=` a
    keyword. `named` tells that a variable holds what a call gave, so that it may have changed.
    """

    kind: str
    meaning: str | None = None
    value: str | int | None = None
    items: tuple[Shape, ...] = ()
    named: bool = False


class ReturnFact(msgspec.Struct, frozen=True):
    """A `return` that is reached; `paths` are the ways to it (see `flask_gotchas.flow`)."""

    value: Shape
    paths: tuple[tuple[str, ...], ...]
    anchor: int


class EndingFact(msgspec.Struct, frozen=True):
    """How a function ends: the paths that run off its end, and what it returns.

    `followed` is False where the function is too deep, and nothing is known of it; `is_stub` tells
    that its body is empty.
    """

    falls: tuple[tuple[str, ...], ...]
    returns: tuple[ReturnFact, ...]
    followed: bool = True
    is_stub: bool = False


class SetupFact(msgspec.Struct, frozen=True):
    """A hook, error handler or the like that is set up on an object; `method` is what does it.

    `function` is what is registered. `first` is the argument before it: the status or exception of
    an error handler, the name of a filter.
    """

    method: str
    receiver: str
    runs: str
    guards: int
    anchor: int
    function: str | None = None
    first: Expression | None = None


class MethodTestFact(msgspec.Struct, frozen=True):
    """A comparison of `request.method` with the names of methods."""

    methods: tuple[str, ...]
    runs: str
    anchor: int


class BodyReadFact(msgspec.Struct, frozen=True):
    """A read of the request's body."""

    attribute: str
    runs: str
    anchor: int


class ArgumentFact(msgspec.Struct, frozen=True):
    """A keyword argument whose value is known, or known to be unknown."""

    name: str
    value: Value
    anchor: int


class RunFact(msgspec.Struct, frozen=True):
    """A call of `app.run()` or of an extension's `run(app)`; `receiver` is the application."""

    receiver: str | None
    spelling: str
    arguments: tuple[ArgumentFact, ...]
    runs: str
    guards: int
    anchor: int


class ConfigWriteFact(msgspec.Struct, frozen=True):
    """A setting that the source writes.

    `receiver` is the application or its config; `way` is item, update, mapping, attribute or
    default.
    """

    receiver: str | None
    key: str
    value: Value
    way: str
    runs: str
    guards: int
    anchor: int


class ConfigSourceFact(msgspec.Struct, frozen=True):
    """A call of `config.from_object`, `from_pyfile` or another method which reads settings.

    `source` is a reference, a dotted name or a file name; None when it cannot be read, and for what
    is no Python.
    """

    receiver: str | None
    source: str | None
    way: str
    guards: int
    anchor: int


class RequestUseFact(msgspec.Struct, frozen=True):
    """A use of the request that may fail, where nothing catches that.

    `kind` is change (of the mapping `name`, by a method or by an assignment), attribute (which
    requests of Flask do not have) or header (read by a subscript).
    """

    kind: str
    name: str
    method: str
    runs: str
    anchor: int


class ExtensionFact(msgspec.Struct, frozen=True):
    """A call that gives an application to an extension: its class, or a method `init_app`.

    `called` is the class or what has the method; `is_class` tells which.
    """

    called: str
    is_class: bool
    app: str
    runs: str
    guards: int
    anchor: int


class ColumnDefaultFact(msgspec.Struct, frozen=True):
    """A default of something like a column which calls a function that gives ever new values.

    `target` makes the column, `called` is the function as the source writes it.
    """

    target: str
    argument: str
    called: str
    runs: str
    anchor: int


class ConstantFact(msgspec.Struct, frozen=True):
    """An upper-case name assigned in a module or class body."""

    reference: str
    value: Value
    guards: int
    anchor: int


class Parts(msgspec.Struct, frozen=True):
    """Variables of a loop that take an element apart."""

    targets: tuple[str | Parts, ...]


# What a loop binds: a variable or several; empty for other targets.
Targets: TypeAlias = str | Parts


class LoopFact(msgspec.Struct, frozen=True):
    """A `for` loop around something: the variables it binds and what it goes through."""

    targets: Targets
    over: Expression


class RegisteringFact(msgspec.Struct, frozen=True):
    """A call or decorator which may register a route, or call a helper that does.

    `method` is its last name, empty for a call of something else; `bare` tells a call without an
    object before the dot. `view` is what it is applied to, `on_view` that it decorates it.
    """

    method: str
    call: Invoke
    bare: bool
    view: Expression | None
    on_view: bool
    loops: tuple[LoopFact, ...]
    runs: str
    guards: int
    anchor: int


class UrlForFact(msgspec.Struct, frozen=True):
    """A call of `url_for()`; `endpoint` is None when it cannot be read.

    A relative one is kept as it is written, with its dot. `keywords` are the names of the other
    arguments, `unpacked` tells that there may be more, and `positional` counts those without a
    name.
    """

    endpoint: str | None
    keywords: tuple[str, ...]
    unpacked: bool
    positional: int
    runs: str
    guards: int
    anchor: int


class TemplateUseFact(msgspec.Struct, frozen=True):
    """A template that is rendered: its name, or several of which the first that exists is taken."""

    names: tuple[str, ...]
    runs: str
    guards: int
    anchor: int


class TemplateFolderFact(msgspec.Struct, frozen=True):
    """A call which makes an application or blueprint, or says where templates are.

    `folder` is None where none is given; `is_own` tells that the object is named after its module.
    """

    made_by: str | None
    folder: Expression | None
    is_own: bool
    runs: str
    anchor: int


class HandedFact(msgspec.Struct, frozen=True):
    """A call that gets an object which may be an application or blueprint; `target` is called."""

    target: str | None
    what: str
    runs: str


class HandoverFact(msgspec.Struct, frozen=True):
    """A call or decorator by which a function runs elsewhere: in a thread, or as a job.

    `target` is what is called, and `arguments` are those that the function gets, as far as they are
    listed.
    """

    target: str
    function: Expression
    arguments: tuple[Expression, ...]
    runs: str
    guards: int
    anchor: int


class NestedChangeFact(msgspec.Struct, frozen=True):
    """A change of a list or dictionary that is a value of the session; `value` names it."""

    value: str
    runs: str
    anchor: int
    guards: int = 0


class GlobalWriteFact(msgspec.Struct, frozen=True):
    """A function binds a variable of its module; not where that is only done once."""

    name: str
    runs: str
    anchor: int


class UrlHookFact(msgspec.Struct, frozen=True):
    """Something that has a say in how URLs are matched or built: its name and whose it is."""

    name: str
    receiver: str | None


class RemovedUseFact(msgspec.Struct, frozen=True):
    """A use of what some version of Flask or Werkzeug took away; see `facts.removed_apis`.

    `way` is import, name, attribute, keyword, cookie or password; environment for a variable that
    is set; write, constant or method where the file gives the name to something else. `what` is the
    row, `receiver` the object or class that it is about, `spelling` how the source writes it.
    """

    way: str
    what: str
    receiver: str | None
    spelling: str
    guards: int
    anchor: int


class Origin(msgspec.Struct, frozen=True):
    """Where text of a request comes from.

    `kind` is args, form, values, cookies, headers, json, filename, url, or parameter for
    what a function gets, which may be a variable of a URL; `key` what is read of it; `spelling` how
    the source writes that.
    """

    kind: str
    key: str
    spelling: str


class RequestTextFact(msgspec.Struct, frozen=True):
    """Text of a request at a place where it can do harm, and which nobody has looked at before.

    `sink` is template, html, markup, path or upload; `target` what gets the text.
    """

    sink: str
    target: str
    origins: tuple[Origin, ...]
    runs: str
    guards: int
    anchor: int


class FileFacts(msgspec.Struct, frozen=True):
    """All facts of one file; what is not said beside a field, its type says."""

    path: str
    module: str
    is_package: bool

    # What the module binds, as references; what variables were made by; modules imported with `*`.
    names: dict[str, str] = {}
    meanings: dict[str, str] = {}
    stars: tuple[str, ...] = ()

    functions: tuple[FunctionFact, ...] = ()
    classes: tuple[ClassFact, ...] = ()
    imports: tuple[ImportFact, ...] = ()
    # The anchors of imports whose errors are caught.
    caught_imports: frozenset[int] = frozenset()
    # Loads modules by a name which is worked out at run time.
    imports_dynamically: bool = False
    # The web frameworks that the file imports.
    frameworks: frozenset[str] = frozenset()
    calls: tuple[CallFact, ...] = ()
    # References passed on or stored as values, by which an object gets out of view.
    mentions: frozenset[str] = frozenset()
    # How functions end; one that is missing runs off its end and returns nothing.
    endings: dict[str, EndingFact] = {}

    # The expressions behind variables, the anchors of those that are calls, and of the variables.
    values: dict[str, Expression] = {}
    made_at: dict[str, int] = {}
    bound_at: dict[str, int] = {}
    # What functions return.
    returned: dict[str, tuple[Expression, ...]] = {}
    # Parameters which a function binds again, and keys of a `**` parameter which it changes, as in
    # `shop.make.<locals>.options[name]`.
    changed: frozenset[str] = frozenset()
    # Variables that hold what a call makes and are assigned more than once.
    rebound: frozenset[str] = frozenset()
    # References put into something that holds them: an attribute, a list, a dictionary.
    stored: frozenset[str] = frozenset()

    # Functions that push a context and leave it there, with an empty one for the module.
    pushes: frozenset[str] = frozenset()
    touches: tuple[TouchFact, ...] = ()
    handovers: tuple[HandoverFact, ...] = ()
    global_writes: tuple[GlobalWriteFact, ...] = ()
    nested_changes: tuple[NestedChangeFact, ...] = ()
    # Functions that write to the session itself, which saves all of it; and whether sessions may be
    # saved in any case.
    session_writers: frozenset[str] = frozenset()
    saves_sessions: bool = False

    registering: tuple[RegisteringFact, ...] = ()
    setups: tuple[SetupFact, ...] = ()
    # Names of the URL converters that the file registers; None among them stands for any.
    converters: frozenset[str | None] = frozenset()
    # Objects that calls get; what has a say in URLs; functions whose name is set.
    handed: tuple[HandedFact, ...] = ()
    url_hooks: tuple[UrlHookFact, ...] = ()
    renamed: frozenset[str] = frozenset()
    url_fors: tuple[UrlForFact, ...] = ()
    # The anchors of calls of `url_for()` whose errors are caught.
    caught_url_fors: frozenset[int] = frozenset()

    method_tests: tuple[MethodTestFact, ...] = ()
    body_reads: tuple[BodyReadFact, ...] = ()
    # Functions that look at the method or the kind of body before they read one.
    method_readers: frozenset[str] = frozenset()
    request_uses: tuple[RequestUseFact, ...] = ()
    # Attributes that the file sets on a request, and headers that it asks for with care.
    request_attributes: frozenset[str] = frozenset()
    headers_asked: frozenset[str] = frozenset()
    changes_request_class: bool = False
    # Where text of a request can do harm.
    request_texts: tuple[RequestTextFact, ...] = ()

    # Functions that set the content type of something, with an empty one for a class of responses;
    # and whether the file changes which kind of content all answers are.
    content_types: frozenset[str] = frozenset()
    sets_content_type: bool = False
    # Error handlers that treat all exceptions alike.
    indifferent: frozenset[str] = frozenset()

    template_uses: tuple[TemplateUseFact, ...] = ()
    template_folders: tuple[TemplateFolderFact, ...] = ()
    # Whether the file has a say in how templates are found or read, and in which of them escape.
    loads_templates: bool = False
    sets_autoescape: bool = False

    runs: tuple[RunFact, ...] = ()
    config_writes: tuple[ConfigWriteFact, ...] = ()
    config_sources: tuple[ConfigSourceFact, ...] = ()
    config_reads: frozenset[str] = frozenset()
    constants: tuple[ConstantFact, ...] = ()
    extensions: tuple[ExtensionFact, ...] = ()
    column_defaults: tuple[ColumnDefaultFact, ...] = ()
    # The anchors of arguments by which Flask-CORS takes any origin, with credentials.
    cors_for_all: tuple[int, ...] = ()
    removed_uses: tuple[RemovedUseFact, ...] = ()
    # Names of settings that Flask ceased to read, and of what sets them now, which the file uses
    # other than to write the former.
    removed_mentions: frozenset[str] = frozenset()
