// One message of the bot as elements: every part that a message can have, and nothing else.

import { el } from "./element.js";
import { moment } from "./time.js";

// A sign beside each state's word, so that colour is never alone.
const STATES = {
  planning: ["◌", "busy"], planned: ["◆", "calm"], waiting: ["◔", "wait"], queued: ["◷", "wait"],
  running: ["▶", "busy"], succeeded: ["✓", "good"], failed: ["✕", "bad"],
  unreachable: ["⊘", "bad"], denied: ["⊖", "bad"], cancelled: ["□", "calm"],
  expired: ["◇", "calm"], interrupted: ["!", "bad"],
};
const UNKNOWN = ["•", "calm"];

/** The whole of a message; `me` is whom one speaks as, `press` is called with a button. */
export function view(body, me, press) {
  const { kind, state } = body;
  const parts = [
    head(body, me),
    ...body.lines.map((text) => el("p", {}, ...line(text, me))),
    body.table && table(body.table, me),
    body.fields.length ? fields(body.fields, me) : null,
    body.code === null ? null : el("pre", { tabIndex: 0 }, el("code", {}, ...code(body.code))),
    ...body.notes.map((text) => el("p", { className: "note" }, ...line(text, me))),
    body.buttons.length ? buttons(body.buttons, press) : null,
    body.file && file(body.file),
  ];
  const mood = state ? (STATES[state] ?? UNKNOWN)[1] : "";
  return el("div", { className: `view ${kind} ${mood}`.trim() }, ...parts);
}

function head({ kind, state, text }, me) {
  const first = el("p", { className: "first" }, ...line(text, me));
  if (state) {
    const [sign] = STATES[state] ?? UNKNOWN;
    const chip = el("span", { className: "state" }, el("span", { "aria-hidden": "true" }, sign), state);
    return el("div", { className: "head" }, chip, first);
  }
  if (kind !== "refusal") return first;
  const sign = el("span", { className: "sign", role: "img", "aria-label": "refused" }, "⊘");
  return el("div", { className: "head" }, sign, first);
}

/** A line as plain text, for a reader who hears it. */
export function spoken(parts) {
  return parts.map((part) =>
    typeof part === "string" ? part
      : part.code ?? part.link ?? part.plain ?? `@${part.mention}`).join("");
}

function line(parts, me) {
  return parts.map((part) => {
    if (typeof part === "string") return part;
    if ("code" in part) return el("code", {}, part.code);
    if ("when" in part) return moment(new Date(part.when), part.plain);
    if ("mention" in part) {
      const mine = part.mention === me ? " mine" : "";
      return el("span", { className: `mention${mine}` }, `@${part.mention}`);
    }
    return el("a", { href: part.url, target: "_blank", rel: "noopener noreferrer" }, part.link);
  });
}

// A difference gets colours beside its signs; anything else stays as it is.
function code(text) {
  if (!/^(@@|--- |[-+]\S)/m.test(text)) return [text];
  return text.split("\n").flatMap((row, index) => {
    const className = { "+": "added", "-": "removed" }[row[0]];
    const shown = className ? el("span", { className }, row) : row;
    return index ? ["\n", shown] : [shown];
  });
}

function table({ head, rows }, me) {
  const body = rows.map((row) => el("tr", {}, ...row.map((cell) => el("td", {}, ...line(cell, me)))));
  const cells = head.map((name) => el("th", { scope: "col" }, name));
  const whole = el("table", {},
    cells.length ? el("thead", {}, el("tr", {}, ...cells)) : null, el("tbody", {}, ...body));
  return el("div", { className: "scroll", tabIndex: 0, role: "group", "aria-label": "Table" }, whole);
}

function fields(rows, me) {
  return el("dl", {}, ...rows.map(([name, value]) =>
    el("div", {}, el("dt", {}, name), el("dd", {}, ...line(value, me)))));
}

function buttons(all, press) {
  return el("div", { className: "buttons" }, ...all.map((button) => {
    const same = button.typed.toLowerCase() === button.label.toLowerCase();
    const element = el("button", { type: "button" }, button.label);
    element.addEventListener("click", () => press(button, element));
    return el("span", {}, element, same
      ? el("code", { className: "unseen" }, `, typed: ${button.typed}`)
      : el("code", {}, button.typed));
  }));
}

function file({ name, size, key }) {
  const address = `/files/${encodeURIComponent(key)}`;
  return el("p", { className: "file" },
    el("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, name),
    ` ${inBytes(size)} · `,
    el("a", { href: `${address}?download`, download: name, "aria-label": `Download ${name}` }, "download"));
}

export function inBytes(size) {
  if (size < 1000) return `${size} bytes`;
  if (size < 1_000_000) return `${(size / 1000).toFixed(1)} kB`;
  return `${(size / 1_000_000).toFixed(1)} MB`;
}
