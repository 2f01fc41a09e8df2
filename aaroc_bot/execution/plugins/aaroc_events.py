# SPDX-License-Identifier: GPL-3.0-or-later
# It is loaded into ansible-core, which is under that licence (COPYING); the rest is Apache-2.0.
"""Ansible callback plugin: tells the bot what happens, through a pipe of its own.

One JSON object a line, numbered, so that a lost one is noticed. Every string is cut here,
before it reaches the bot. `aaroc_bot.core.events` reads what this writes. It runs inside
ansible-playbook and therefore imports nothing of the bot's.
"""

from __future__ import annotations

import difflib
import json
import os
import re
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
    name: aaroc_events
    type: notification
    short_description: events for aaroc-bot
    description: Writes one JSON object a line to the pipe that AAROC_EVENTS names.
"""

NAME = 300
MESSAGE = 2000
DIFF = 4000
DIFF_LINES = 60
COMPARED_LINES = 3000
"""Longer texts are not compared: that could take minutes."""
SAID = 20
KEY_BLOCK = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(-----END [^\n]*-----|\Z)", re.S)


class CallbackModule(CallbackBase):  # type: ignore[misc]
    """Writes the events. Numbers and writing happen in Ansible's main process alone."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "aaroc_events"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._pipe = os.open(os.environ.pop("AAROC_EVENTS"), os.O_WRONLY)
        self._number = 0
        self._hosts: set[str] = set()

    def _write(self, event: str, **more: Any) -> None:
        self._number += 1
        line = json.dumps({"n": self._number, "event": event, **more}, default=str) + "\n"
        data = line.encode()
        while data:
            data = data[os.write(self._pipe, data) :]

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        """A task begins."""
        self._task(task, handler=False)

    def v2_playbook_on_handler_task_start(self, task: Any) -> None:
        """A handler begins."""
        self._task(task, handler=True)

    def _task(self, task: Any, *, handler: bool) -> None:
        role = task._role.get_name() if task._role else ""
        name = str(task.name or task.action)
        self._write(
            "task", id=task._uuid, role=role[:NAME], task=name[:NAME].strip(), handler=handler
        )

    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        """A host begins a task; only its first is told."""
        if host.name not in self._hosts:
            self._hosts.add(host.name)
            self._write("host", host=host.name[:NAME])

    def v2_runner_on_ok(self, result: Any) -> None:
        """A task came to its end on a host."""
        self._result("ok", result)

    def v2_runner_on_skipped(self, result: Any) -> None:
        """A task was skipped on a host."""
        self._result("skipped", result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """A task failed on a host."""
        self._result("failed", result, ignored=bool(ignore_errors))

    def v2_runner_on_unreachable(self, result: Any) -> None:
        """A host was not reached."""
        self._result("unreachable", result)

    def _result(self, how: str, result: Any, *, ignored: bool = False) -> None:
        try:
            told = describe(how, result)
        except Exception as problem:  # what cannot be read must not pass for nothing
            self._write("fault", what=f"{type(problem).__name__}: {problem}"[:MESSAGE])
            return
        self._write("result", how=how, ignored=ignored, **told)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """The end: Ansible's statistics."""
        kinds = ("ok", "changed", "failures", "skipped", "dark", "rescued", "ignored")
        hosts = {
            str(host)[:NAME]: {kind: int(getattr(stats, kind).get(host, 0)) for kind in kinds}
            for host in sorted(stats.processed)
        }
        self._write("stats", hosts=hosts)


def describe(how: str, result: Any) -> dict[str, Any]:
    """Say what a result means for a plan and a recap."""
    whole = result.result
    items = whole.get("results")
    loop = bool(result.task.loop or result.task.loop_with) and bool(items)
    leaves = items if loop else [whole]
    told: dict[str, Any] = {
        "id": result.task._uuid,
        "host": result.host.name[:NAME],
        "check": result.task_fields.get("check_mode"),
        "changed": whole.get("changed"),
        "hidden": any("censored" in leaf for leaf in (whole, *leaves)),
        "message": message(whole, leaves)[:MESSAGE] if how in {"failed", "unreachable"} else "",
    }
    skipped = leaves if how == "skipped" else [leaf for leaf in leaves if leaf.get("skipped")]
    told["decided"] = all(map(decided, skipped))
    if how == "ok" and result.task.action.rpartition(".")[2] == "debug" and not told["hidden"]:
        told["said"] = [line[:MESSAGE] for leaf in leaves for line in said(leaf)][:SAID]
    if told["changed"] and not told["hidden"]:
        told["path"] = next(filter(None, map(path, leaves)), "")[:NAME]
        told["diff"] = difference(leaves)
    return told


def decided(leaf: dict[str, Any]) -> bool:
    """Say whether a skip holds outside of check mode too: a condition, or nothing to loop over."""
    if leaf.get("skipped_reason") == "No items in the list":
        return True
    condition = str(leaf.get("false_condition", ""))
    by_condition = leaf.get("skip_reason") == "Conditional result was False"
    return by_condition and "ansible_check_mode" not in condition


def message(whole: dict[str, Any], leaves: list[dict[str, Any]]) -> str:
    """Give why it failed, in the words of the first item that did."""
    bad = next((leaf for leaf in leaves if leaf.get("failed") or leaf.get("unreachable")), whole)
    text = str(bad.get("msg") or whole.get("msg") or bad.get("censored") or "").strip()
    text = text.removeprefix("Task failed: ")
    errors = str(bad.get("stderr") or bad.get("module_stderr") or "").strip()
    if not errors and "rc" in bad:
        errors = str(bad.get("stdout") or "").strip()
    both = [text] if errors in text else [text, errors[-MESSAGE // 2 :]]
    return ": ".join(filter(None, both)) or "no message"


def said(leaf: dict[str, Any]) -> list[str]:
    """Give what a debug task printed, a list line by line."""
    value = leaf.get("msg")
    if value is None:
        value = next((v for k, v in leaf.items() if not k.startswith("_") and k != "changed"), "")
    return [str(line) for line in value] if isinstance(value, list) else [str(value)]


def path(leaf: dict[str, Any]) -> str:
    """Give the file that changes, if the module says so.

    What the module was called with goes before the headers of its difference: those of a
    file that is not there yet name the controller's own temporary file.
    """
    invocation = leaf.get("invocation")
    called = invocation.get("module_args") if isinstance(invocation, dict) else None
    for told in (leaf, called if isinstance(called, dict) else {}):
        for key in ("dest", "path"):
            if isinstance(told.get(key), str):
                return str(told[key])
    for diff in diffs(leaf):
        for side in ("after", "before"):
            if isinstance(diff.get(side), dict) and isinstance(diff[side].get("path"), str):
                return str(diff[side]["path"])
        header = diff.get("after_header") or diff.get("before_header")
        if isinstance(header, str) and header.startswith("/"):
            return re.sub(r" \((content|file attributes)\)$", "", header)
    return ""


def diffs(leaf: dict[str, Any]) -> list[dict[str, Any]]:
    """Give a result's differences: Ansible has one, several or none."""
    found = leaf.get("diff")
    found = found if isinstance(found, list) else [found]
    return [diff for diff in found if isinstance(diff, dict)]


def difference(leaves: list[dict[str, Any]]) -> str | None:
    """Write all differences of a result as one short unified difference, None without any."""
    lines: list[str] = []
    for leaf in leaves:
        for diff in diffs(leaf):
            lines += unified(diff)
    if not lines:
        return None
    kept = lines[:DIFF_LINES]
    if len(lines) > len(kept):
        kept.append(f"… {len(lines) - len(kept)} more lines")
    text = "\n".join(line[:MESSAGE] for line in kept)
    return text if len(text) <= DIFF else text[:DIFF] + "\n… cut"


def unified(diff: dict[str, Any]) -> list[str]:
    """Compare before and after; what Ansible itself did not compare is said so."""
    for key in ("src_binary", "dst_binary", "src_larger", "dst_larger"):
        if key in diff:
            return ["(binary or too large to show)"]
    if isinstance(diff.get("prepared"), str):
        return KEY_BLOCK.sub("(private key)", diff["prepared"]).splitlines()
    if "before" not in diff or "after" not in diff:
        return []
    before, after = lines_of(diff["before"]), lines_of(diff["after"])
    if max(len(before), len(after)) > COMPARED_LINES:
        return [f"({len(before)} lines before, {len(after)} after: too many to show)"]
    return list(difflib.unified_diff(before, after, lineterm="", n=1))[2:]


def lines_of(value: Any) -> list[str]:
    """Write one side of a difference as lines, without any private key."""
    if value is None:
        return []
    text = value if isinstance(value, str) else json.dumps(value, indent=1, sort_keys=True)
    return KEY_BLOCK.sub("(private key)", text).splitlines()
