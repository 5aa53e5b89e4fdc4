"""FLG311: the default is a number, what the client sends is text."""

from __future__ import annotations

import datetime
import math
import time
from typing import TYPE_CHECKING

import pytest
from flask import Flask, request
from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG311"


def test_without_a_parameter_all_is_well(site: Callable[[docs.Example], Site]) -> None:
    client = site(bad(RULE)).client()
    assert client.get("/books").json == {"books": list(range(10))}
    assert client.get("/stars").json == {"stars": 2}


def test_with_one_it_fails_or_is_nonsense(site: Callable[[docs.Example], Site]) -> None:
    client = site(bad(RULE)).client()
    assert client.get("/books?page=2").status_code == 500
    assert client.get("/stars?count=5").json == {"stars": "55"}
    assert client.get("/all?all=1").json == {"books": list(range(10))}


def test_with_a_type_it_is_always_a_number(site: Callable[[docs.Example], Site]) -> None:
    client = site(good(RULE)).client()
    assert client.get("/books").json == {"books": list(range(10))}
    assert client.get("/books?page=2").json == {"books": list(range(10, 20))}
    assert client.get("/books?page=two").json == {"books": list(range(10))}
    assert client.get("/stars?count=5").json == {"stars": 10}


def test_fixed_it_is_always_a_number(site: Callable[[docs.Example], Site]) -> None:
    client = site(repaired(RULE)).client()
    assert client.get("/books").json == {"books": list(range(10))}
    assert client.get("/books?page=2").json == {"books": list(range(10, 20))}
    assert client.get("/books?page=two").json == {"books": list(range(10))}
    assert client.get("/stars?count=5").json == {"stars": 10}
    assert client.get("/all?all=1").json == {"books": list(range(100))}


@pytest.mark.parametrize(
    "use",
    [
        lambda page: page + 1, lambda page: 1 + page, lambda page: page - 1,
        lambda page: page / 2, lambda page: page // 2, lambda page: page % 2,
        lambda page: page**2, lambda page: page * 0.5, lambda page: page * page,
        lambda page: page < 3, lambda page: page <= 3, abs, range, round, math.ceil, math.floor,
        time.sleep, lambda page: min(page, 5), lambda page: max(1, page),
        lambda page: datetime.timedelta(days=page),
    ],
)  # fmt: skip
def test_text_is_refused_where_a_number_is_used(use: Callable[..., object]) -> None:
    app = Flask("proof")
    with app.test_request_context("/?page=2"), pytest.raises(TypeError):
        use(request.args.get("page", 1))
