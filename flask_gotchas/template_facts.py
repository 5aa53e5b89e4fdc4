"""What a Jinja template says, as plain data: who needs no more need not import any parser."""

from __future__ import annotations

import msgspec

from flask_gotchas.model import Location


class TemplateUrlFor(msgspec.Struct, frozen=True):
    """A call of `url_for()`; `endpoint` is None when it cannot be read.

    `keywords` are the names of the other arguments, `unpacked` tells that there may be more, and
    `positional` counts those without a name.
    """

    endpoint: str | None
    keywords: tuple[str, ...]
    unpacked: bool
    positional: int
    at: Location


class TemplateReference(msgspec.Struct, frozen=True):
    """A template that another one needs.

    `kind` is extends, include, import or from; `names` are the possible names, of which the first
    that exists is taken, and none when they cannot be read.
    """

    kind: str
    names: tuple[str, ...]
    ignores_missing: bool
    at: Location


class TemplateForm(msgspec.Struct, frozen=True):
    """An HTML form, located at its start tag.

    `method` is in lower case, and empty if the tag has none; it and `enctype` are None when they
    cannot be read. `path` is an action that is written out, `url_for` one that a call gives; both
    are None for another action, and `path` is empty for none. `files` are the places of inputs for
    files that have a name. `has_unknown_fields` tells that expressions put something into the form,
    `is_whole` that its end is known to belong to its beginning, and `is_scripted` that a script or
    a button of its own may send it in another way.
    """

    method: str | None
    path: str | None
    url_for: TemplateUrlFor | None
    enctype: str | None
    files: tuple[Location, ...]
    has_unknown_fields: bool
    is_whole: bool
    is_scripted: bool
    at: Location


class TemplateFacts(msgspec.Struct, frozen=True):
    """All facts of one template; `name` is what it is rendered by."""

    path: str
    name: str
    url_fors: tuple[TemplateUrlFor, ...] = ()
    references: tuple[TemplateReference, ...] = ()
    forms: tuple[TemplateForm, ...] = ()
