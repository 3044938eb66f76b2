"""The API's door: tokens, scopes, rights of the moment, rate limits, problems, the document."""

from __future__ import annotations

from tests.channels.api_client import program, refused, told
from tests.language import Desk


def test_a_token_says_whose_it_is(desk: Desk) -> None:
    found = told(program(desk.owner).get("/me"))
    assert found["name"] == desk.owner.name
    assert [role["role"] for role in found["roles"]] == ["owner"]


def test_without_a_token_there_is_nothing(desk: Desk) -> None:
    caller = program(desk.owner)
    caller.secret = "desk_wrong"
    refused(caller.get("/me"), 401, "token-invalid")
