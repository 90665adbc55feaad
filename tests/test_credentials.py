"""Secrets come from the environment or a file, stand in no address, and are told to nobody."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from unittest.mock import patch

import pytest

from feedpub.config.values import without_secrets
from feedpub.core.problems import ConfigError
from feedpub.edges.credentials import masked, secret

CANARY = "SEC%RETPW-hush"


@pytest.fixture(autouse=True)
def _no_other_variables() -> object:
    with patch.dict(os.environ, {}, clear=True):
        yield


@pytest.mark.parametrize("text", [CANARY, f"{CANARY}\n", f"  {CANARY}\r\n"])
def test_a_secret_is_in_a_variable_or_in_the_file_that_another_one_names(
    text: str, tmp_path: Path
) -> None:
    assert secret("PGPASSWORD") == ""
    os.environ["PGPASSWORD"] = CANARY
    assert secret("PGPASSWORD") == CANARY
    file = tmp_path / "password"
    file.write_bytes(text.encode())
    os.environ["AWS_SECRET_ACCESS_KEY_FILE"] = str(file)
    assert secret("AWS_SECRET_ACCESS_KEY") == CANARY


@pytest.mark.parametrize(
    ("held", "told"),
    [
        (None, "the file of TOKEN_FILE cannot be read: No such file"),
        (f"{CANARY}\nX-Other: {CANARY}".encode(), "TOKEN must be the secret alone, in one line"),
        (CANARY.encode("utf-16"), "TOKEN_FILE cannot be read: it is no text"),
    ],
)
def test_a_secret_that_cannot_be_had_is_told_without_it(
    held: bytes | None, told: str, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    if held is not None:
        file.write_bytes(held)
    os.environ["TOKEN_FILE"] = str(file)
    with pytest.raises(ConfigError) as caught:
        secret("TOKEN")
    assert told in str(caught.value)
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    ("environment", "text"),
    [
        ({"CDN_TOKEN": CANARY}, f"401 for {CANARY}{CANARY}!"),
        ({"PGPASSWORD": "hush", "AWS_SECRET_ACCESS_KEY": CANARY}, f"{CANARY} and hush"),
        ({}, f"could not resolve https://me:{CANARY}@api.example.net/x"),
        ({}, f"curl: > Authorization: Basic {CANARY}"),
        ({}, f"-H 'bearer {CANARY}'"),
    ],
)
def test_what_others_print_is_masked(environment: Mapping[str, str], text: str) -> None:
    os.environ.update(environment)
    assert "***" in masked(text)
    assert "hush" not in masked(text)
    assert masked("404 https://feeds.example.org/a@b") == "404 https://feeds.example.org/a@b"


def test_what_the_file_of_a_secret_holds_is_masked(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(CANARY)
    os.environ["CDN_TOKEN_FILE"] = str(tmp_path / "token")
    assert masked(f"no {CANARY}") == "no ***"
    (tmp_path / "token").unlink()
    assert masked("it goes on") == "it goes on"


@pytest.mark.parametrize(
    "address",
    [
        f"postgresql://me:{CANARY}@host/db",
        f"postgresql://me:{CANARY}/@host/db",
        f"postgresql://me@host/db?sslmode=require&password={CANARY}",
        f"postgresql://me@host/db?p%61ssword={CANARY}",
        f"s3://{CANARY}:{CANARY}@bucket/prefix",
        f"https://api.example.net/purge?x=1;ApiKey={CANARY}",
        f"https://account.example.net/c?sv=1&sig={CANARY}",
        f"https://hub.example.net/?X-Amz-Signature={CANARY}",
        f"https://hub.example.net/#access_token={CANARY}",
        f"//[::1:{CANARY}@x",
    ],
)
def test_no_address_holds_a_secret(address: str) -> None:
    with pytest.raises(
        ValueError, match="has a password, key or token in it; remove it, and ask"
    ) as e:
        without_secrets(address, "ask")
    assert CANARY not in str(e.value)


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://me@host:5432,other:5433/db?application_name=a&keepalives_idle=3",
        "postgresql:///db?host=/run/postgresql&passfile=/run/pass&sslkey=/etc/key.pem",
        "postgresql://[::1]:5432/db?require_auth=scram-sha-256",
        "s3://bucket/prefix",
        "https://hub.example.net/?design=1",
    ],
)
def test_an_address_without_one_is_taken(address: str) -> None:
    assert without_secrets(address, "ask") == address
