"""The published JSON Schema of JSON Feed 1.1, with its formats (dates, addresses) checked as well."""

from __future__ import annotations

import json
from pathlib import Path

from jsonschema import Draft7Validator

_FILE = Path(__file__).parent / "schemas" / "jsonfeed-1.1.json"

VALIDATOR = Draft7Validator(
    json.loads(_FILE.read_bytes()), format_checker=Draft7Validator.FORMAT_CHECKER
)
