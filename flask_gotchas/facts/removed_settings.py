"""Settings that some version of Flask ceased to read: writing them still works and does nothing.

Each row is proved by a test: it has its effect before the version named, and none from then on.
"""

from __future__ import annotations

from flask_gotchas.records import NamedTuple


class RemovedSetting(NamedTuple):
    """A setting, the feature release of Flask that ceased to read it, and what does it now.

    `instead` is the attribute by which it is set now, empty if there is none; `harmless` are values
    that ask for what is the case without them.
    """

    version: str
    cure: str
    instead: str = ""
    harmless: frozenset[str] = frozenset()


_PRODUCTION = frozenset({"production"})
_JSON = "subclass `flask.json.provider.DefaultJSONProvider`"

# Keys of the configuration.
KEYS = {
    "ENV": RemovedSetting("2.3", "use `DEBUG`, or a key of another name", harmless=_PRODUCTION),
    "JSONIFY_MIMETYPE": RemovedSetting("2.3", "set `app.json.mimetype`", "mimetype"),
    "JSONIFY_PRETTYPRINT_REGULAR": RemovedSetting(
        "2.3", "set `app.json.compact`, which is the opposite", "compact"
    ),
    "JSON_AS_ASCII": RemovedSetting("2.3", "set `app.json.ensure_ascii`", "ensure_ascii"),
    "JSON_SORT_KEYS": RemovedSetting("2.3", "set `app.json.sort_keys`", "sort_keys"),
    "LOGGER_HANDLER_POLICY": RemovedSetting("1.0", "call `logging.config.dictConfig`"),
    "LOGGER_NAME": RemovedSetting("1.0", "use `app.name`, which names the logger"),
}
# Variables of the environment.
ENVIRONMENT = {
    "FLASK_ENV": RemovedSetting(
        "2.3", "use `FLASK_DEBUG=1` or `flask run --debug`", harmless=_PRODUCTION
    )
}
# Attributes of an application, and some of a blueprint.
ATTRIBUTES = {
    "env": RemovedSetting("2.3", "use `app.debug`, or a setting of your own"),
    "json_decoder": RemovedSetting("2.3", _JSON, "json_provider_class"),
    "json_encoder": RemovedSetting("2.3", _JSON, "json_provider_class"),
    "send_file_max_age_default": RemovedSetting("2.3", 'set `config["SEND_FILE_MAX_AGE_DEFAULT"]`'),
    "session_cookie_name": RemovedSetting("2.3", 'set `config["SESSION_COOKIE_NAME"]`'),
    "templates_auto_reload": RemovedSetting("2.3", 'set `config["TEMPLATES_AUTO_RELOAD"]`'),
    "use_x_sendfile": RemovedSetting("2.3", 'set `config["USE_X_SENDFILE"]`'),
}
OF_BLUEPRINTS = frozenset({"json_decoder", "json_encoder"})

# By what the new settings are made, `app.json` itself included.
PROVIDERS = frozenset({"json", "json_provider_class"})
ATTRIBUTES_INSTEAD = PROVIDERS | {row.instead for row in KEYS.values() if row.instead}
