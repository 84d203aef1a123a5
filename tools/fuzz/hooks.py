"""What the fuzzer leaves alone: the accounts with which it signs in."""

import json
import os
import re

import schemathesis

with open(os.environ["FUZZ_ACCOUNTS"], encoding="utf-8") as accounts:
    EVERYBODY = {str(user_id) for user_id in json.load(accounts)["everybody"]}

ACCOUNT = re.compile(r"/users/\{id\}(/|$)")


@schemathesis.hook
def filter_case(context, case):
    """Keeps an administrator from taking away the password, the role or the account of anybody of this run."""
    changes_account = case.method != "GET" and ACCOUNT.search(case.operation.path)
    return not changes_account or str((case.path_parameters or {}).get("id")) not in EVERYBODY


@schemathesis.serializer("message/rfc822")
def mail(context, value):
    """A mail that came back: bytes, of which the fuzzer knows no more than that they are text."""
    return str(value).encode("utf-8", errors="replace")
