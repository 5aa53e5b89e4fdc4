"""The functions that Flask calls, views and hooks, and what it gets back from them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from flask_gotchas.facts import flask_api
from flask_gotchas.facts.expressions import Const, Expression, Ref
from flask_gotchas.facts.model import EndingFact, Guard
from flask_gotchas.flow import DOUBT, may_happen
from flask_gotchas.patterns import late_pattern
from flask_gotchas.project.evaluate import Missing, Scope, Thing, Unknown
from flask_gotchas.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask_gotchas.facts.model import FileFacts, FunctionFact, ReturnFact, SetupFact, Shape
    from flask_gotchas.project.link import Project
    from flask_gotchas.project.url_map import Own, Site

_PROCEDURE = EndingFact(falls=((),), returns=())
_UNKNOWN = EndingFact(falls=(), returns=(), followed=False)
# Methods by which a class of the project may do with returned values what it likes.
_CONVERTING = frozenset(
    {
        "add_url_rule", "dispatch_request", "ensure_sync", "finalize_request",
        "full_dispatch_request", "make_response", "process_response", "route",
    }
)  # fmt: skip
_ERROR_HANDLERS = frozenset({"app_errorhandler", "errorhandler", "register_error_handler"})
_HANDLING = flask_api.HANDLING_HTTP_ERRORS
# How objects are called which have hooks of their own, where nothing else is known of them.
_OF_OTHERS = late_pattern(
    r"api|celery|client|namespace|(?:^|_)ns$|queue|rest|sio|socket|task|worker"
)
_MAX_CALLS = 8


class Handler(NamedTuple):
    """A function that Flask calls, whose returned value it gets as it is.

    `kind` is view, or the name of the method that registers a hook, without `app_`. `name` is how
    the function is called in messages. `methods` are those that reach a view, without the HEAD and
    OPTIONS that Flask adds, and None where they are not known. `first` is the status or
    exception of an error handler. `places` are the registrations and `rules` their URL rules, as
    far as these are known; `everywhere` tells that the hook is for all requests, not for those of a
    blueprint.
    """

    kind: str
    name: str
    file: FileFacts
    function: FunctionFact
    ending: EndingFact
    methods: frozenset[str] | None
    places: tuple[tuple[FileFacts, int], ...]
    first: Expression | None = None
    everywhere: bool = False
    rules: tuple[str, ...] = ()


class Handlers:
    """Answers about views and hooks; ask it through `Project.handlers`."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._open: set[str] = set()

    @cached_property
    def views(self) -> list[Handler]:
        """List the views, methods of class views included, tests aside.

        Where the application or blueprint comes from out of view, a decorator with a literal rule
        counts in a file that imports no other framework.
        """
        if self._converts:
            return []
        found: dict[tuple[str, int], Handler] = {}
        registrations = self.project.url_map.registrations
        for own in self._owns():
            definition = registrations.definition(own)
            if definition is None:
                continue
            for file, function in registrations.handlers(own, definition):
                if self.project.is_test(file):
                    continue
                key = file.path, function.anchor
                handler = found.get(key) or self._handler("view", file, function, frozenset())
                methods = _methods(own, function)
                found[key] = handler._replace(
                    methods=None
                    if methods is None or handler.methods is None
                    else handler.methods | methods,
                    places=(*handler.places, (own.file, own.anchor)),
                    rules=(*handler.rules, own.rule if isinstance(own.rule, str) else ""),
                )
        return list(found.values())

    def hooks(self, *kinds: str) -> Iterator[Handler]:
        """Go through the hooks of some kinds, such as `after_request`, tests aside."""
        for handler in self._hooks:
            if handler.kind in kinds:
                yield handler

    @cached_property
    def answering(self) -> list[Handler]:
        """List the views and error handlers, each once: what they return becomes the answer.

        Generators are left out, which return nothing in that sense.
        """
        found = {
            (handler.file.path, handler.function.anchor): handler
            for handler in (*self.hooks("errorhandler"), *self.views)
            if not handler.function.is_generator
        }
        return list(found.values())

    @cached_property
    def handled_errors(self) -> frozenset[str] | None:
        """List what has error handlers: statuses as text, and names of exceptions.

        None if that is not known, as with handlers that are registered in a loop or by extensions.
        """
        found: set[str] = set()
        for file in self.project.files:
            if any(fact.module.partition(".")[0] in _HANDLING for fact in file.imports):
                return None
            for setup in file.setups:
                if setup.method not in _ERROR_HANDLERS:
                    continue
                first = setup.first
                if isinstance(first, Const):
                    found.add(str(first.value))
                elif isinstance(first, Ref) and self._is_class(first.name, file):
                    found.add(self.project.resolve(first.name, file))
                else:
                    return None
        return frozenset(found)

    def _is_class(self, reference: str, file: FileFacts) -> bool:
        resolved = self.project.resolve(reference, file)
        out_of_view = "<" not in resolved and resolved.rpartition(".")[2][:1].isupper()
        return self.project.cls(resolved) is not None or out_of_view

    def judged(
        self, handler: Handler, judge: Callable[[Shape], str]
    ) -> Iterator[tuple[ReturnFact, str]]:
        """Go through the returns of a handler of which `judge` has something to say.

        It is asked for each value where a condition decides between several; the first word counts.
        """
        for found in self.returns(handler):
            words = (judge(value) for value in alternatives(found.value))
            word = next(filter(None, words), "")
            if word:
                yield found, word

    @cached_property
    def sets_content_type(self) -> bool:
        """Tell whether a hook or a class of responses may say what all answers are."""
        return any("" in file.content_types for file in self.project.files) or any(
            hook.function.reference in hook.file.content_types
            for hook in self.hooks("after_request")
        )

    def returns(self, handler: Handler) -> Iterator[ReturnFact]:
        """Go through what a handler returns on ways that can be taken."""
        for found in handler.ending.returns:
            if self._any_happens(found.paths, handler):
                yield found

    def may_end_without_return(self, handler: Handler) -> bool:
        """Tell whether a handler may run off its end, on a way that can be taken."""
        return handler.ending.followed and self._any_happens(_falls(handler.ending), handler)

    def never_returns(self, target: str, file: FileFacts) -> bool:
        """Tell whether a call may never return: surely not for functions of the project in view.

        Of others the name must say that they raise.
        """
        found = self.project.called(target, file)
        if found is None:
            return flask_api.may_raise(target.rpartition(".")[2])
        reference = found[1].reference
        if found[1].is_async or found[1].is_generator or found[1].decorators:
            return found[1].is_async or flask_api.may_raise(found[1].name)
        ending = found[0].endings.get(reference, _PROCEDURE)
        if not ending.followed or (ending.is_stub and found[1].owner):
            return True
        if reference in self._open or len(self._open) > _MAX_CALLS:
            return False
        self._open.add(reference)
        try:
            paths = [*_falls(ending), *(path for end in ending.returns for path in end.paths)]
            return not any(self._happens(path, None, found[0]) for path in paths)
        finally:
            self._open.discard(reference)

    # -- what they share

    def _any_happens(self, paths: tuple[tuple[str, ...], ...], handler: Handler) -> bool:
        return any(self._happens(path, handler.methods, handler.file) for path in paths)

    def _happens(
        self, path: tuple[str, ...], methods: frozenset[str] | None, file: FileFacts
    ) -> bool:
        return may_happen(
            path, methods=methods, never_returns=lambda target: self.never_returns(target, file)
        )

    def _handler(
        self,
        kind: str,
        file: FileFacts,
        function: FunctionFact,
        methods: frozenset[str] | None,
        first: Expression | None = None,
    ) -> Handler:
        owner = f"{function.owner.rpartition('.')[2]}." if function.owner else ""
        # Of methods only those have facts that are called like views.
        is_plain = not function.owner or function.name in flask_api.VIEW_METHODS
        ending = file.endings.get(function.reference, _PROCEDURE if is_plain else _UNKNOWN)
        name = f"{owner}{function.name}"
        return Handler(kind, name, file, function, ending, methods, (), first)

    @cached_property
    def _converts(self) -> bool:
        """Tell whether an application class of the project has its own way with what views give."""
        return any(
            not _CONVERTING.isdisjoint(cls.methods)
            and self.project.is_subclass(cls.reference, file, flask_api.APP_CLASSES)
            for file in self.project.files
            for cls in file.classes
        )

    # -- views

    def _owns(self) -> Iterator[Own]:
        url_map = self.project.url_map
        for thing, owns in url_map.owns():
            if url_map.kind(thing) in {"app", "blueprint"} and not self._is_special(thing):
                yield from (own for own in owns if own.site is not None)
        for site in url_map.untaken:
            own = self._likely(site)
            if own is not None:
                yield own

    def _is_special(self, thing: Thing) -> bool:
        """Tell an application or blueprint of an extension, which may convert what views give."""
        made_by = self.project.meaning(thing.reference, thing.file)
        if thing.call is not None and thing.call.target is not None:
            made_by = self.project.meaning(thing.call.target, thing.file)
        line = self.project.ancestry(made_by.removesuffix("()"))
        plain = {"flask.Flask", "flask.Blueprint"}
        classes = [found for base in line if (found := self.project.cls(base)) is not None]
        return (
            any(base not in plain and base in flask_api.APP_CLASSES for base in line)
            or any(base not in plain and base in flask_api.BLUEPRINT_CLASSES for base in line)
            or any(not _CONVERTING.isdisjoint(fact.methods) for _, fact in classes)
        )

    def _likely(self, site: Site) -> Own | None:
        """Read a route on something out of view, where all looks like Flask."""
        from flask_gotchas.project.url_map import Own, as_methods  # noqa: PLC0415

        fact = site.fact
        if not (
            fact.on_view
            and not fact.bare
            and fact.method in flask_api.ROUTE_METHODS
            and isinstance(site.receiver, (Unknown, Thing))
            and self.project.url_map.kind(site.receiver) == "unknown"
            and site.file.frameworks == {"flask"}
        ):
            return None
        rule = site.text("rule", 0)
        if not isinstance(rule, str) or not rule.startswith("/"):
            return None
        given = flask_api.ROUTE_METHODS[fact.method]
        if given is None:
            argument = site.argument("methods")
            given = ("GET",) if argument is Missing else as_methods(argument)
        return Own(rule, given, Unknown(""), None, site.file, fact.anchor, (), None, site)

    # -- hooks

    @cached_property
    def _hooks(self) -> list[Handler]:
        found = []
        for file in self.project.files:
            if file.setups and not self.project.is_test(file):
                for setup in file.setups:
                    handler = self._hook(setup, file)
                    if handler is not None:
                        found.append(handler)
        return [*found, *self._hooks_of_requests()]

    def _hooks_of_requests(self) -> Iterator[Handler]:
        """Go through the functions below `@after_this_request`."""
        for file in self.project.files:
            for function in () if self.project.is_test(file) else file.functions:
                decorators = function.decorators
                if len(decorators) == 1 and decorators[0].meaning == "flask.after_this_request":
                    handler = self._handler(
                        "after_this_request", file, function, flask_api.HTTP_METHODS
                    )
                    yield handler._replace(places=((file, decorators[0].anchor),))

    def _hook(self, setup: SetupFact, file: FileFacts) -> Handler | None:
        kind = setup.method.replace("app_", "").replace("register_error_handler", "errorhandler")
        if setup.function is None or setup.guards & Guard.TYPING or not self._is_flask(setup, file):
            return None
        found = self.project.function(self.project.resolve(setup.function, file))
        if found is None or not self._is_plain(found[0], found[1], setup, file):
            return None
        handler = self._handler(kind, *found, flask_api.HTTP_METHODS, setup.first)
        everywhere = "app_" in setup.method or self.project.is_app(setup.receiver, file)
        return handler._replace(places=((file, setup.anchor),), everywhere=everywhere)

    def _is_flask(self, setup: SetupFact, file: FileFacts) -> bool:
        """Tell whether a hook is set up on an application or blueprint."""
        thing = self.project.evaluator.value(Ref(setup.receiver), Scope(file, {}))
        kind = self.project.url_map.kind(thing)
        if kind == "unknown":
            kind = self.project.kind(setup.receiver, file)
        if kind == "unknown":
            name = setup.receiver.rpartition(".")[2]
            known = setup.method in flask_api.HOOKS and not _OF_OTHERS.search(name)
            return known and file.frameworks == {"flask"}
        if kind not in {"app", "blueprint"}:
            return False
        return not isinstance(thing, Thing) or not self._is_special(thing)

    def _is_plain(
        self, owner: FileFacts, function: FunctionFact, setup: SetupFact, file: FileFacts
    ) -> bool:
        """Tell whether what is registered is the function itself, whatever decorates it."""
        decorators = function.decorators
        anchors = [decorator.anchor for decorator in decorators]
        if owner is file and setup.anchor in anchors:
            decorators = decorators[anchors.index(setup.anchor) + 1 :]
        registrations = self.project.url_map.registrations
        return all(
            decorator.spelling.rpartition(".")[2] in flask_api.HOOKS
            or registrations.keeps_view(decorator, owner)
            for decorator in decorators
        )


def alternatives(value: Shape) -> Iterator[Shape]:
    """Go through the shapes that a value may have."""
    if value.kind == "either":
        for item in value.items:
            yield from alternatives(item)
    else:
        yield value


def _falls(ending: EndingFact) -> tuple[tuple[str, ...], ...]:
    """List the paths that run off the end of a function, where that is not in doubt."""
    return tuple(path for path in ending.falls if DOUBT not in path)


def _methods(own: Own, function: FunctionFact) -> frozenset[str] | None:
    """Give the methods by which a rule reaches a function; None where they are not known."""
    if isinstance(own.methods, Unknown):
        return None
    methods = frozenset(own.methods)
    if function.owner is not None and function.name != "dispatch_request":
        return methods & {function.name.upper()} or frozenset({function.name.upper()})
    return methods
