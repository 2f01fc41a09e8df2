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
const GIST = 60; // characters that tell which message is meant

/** The whole of a message; `reader` is `me`, whom one speaks as, and what to do with a
 * button (`press`) and with a command that is suggested (`type`). */
export function view(body, reader) {
  const { kind, state } = body;
  const parts = [
    head(body, reader),
    ...body.lines.map((text) => el("p", {}, ...line(text, reader))),
    body.table && table(body.table, reader),
    body.fields.length ? fields(body.fields, reader) : null,
    body.code === null ? null : el("pre", { tabIndex: 0 }, el("code", {}, ...code(body.code))),
    ...body.notes.map((text) => el("p", { className: "note" }, ...line(text, reader))),
    body.buttons.length ? buttons(body.buttons, reader.press) : null,
    body.file && file(body.file),
  ];
  const mood = state ? (STATES[state] ?? UNKNOWN)[1] : "";
  return el("div", { className: `view ${kind} ${mood}`.trim() }, ...parts);
}

// The first line carries the state's word, so the sign before it says nothing aloud.
function head({ kind, state, text }, reader) {
  const first = el("p", { className: "first" }, ...line(text, reader));
  if (state) {
    const [mark] = STATES[state] ?? UNKNOWN;
    const sign = el("span", { className: "state", "aria-hidden": "true", title: state }, mark);
    return el("div", { className: "head" }, sign, first);
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

/** The beginning of a message, by which one knows it again. */
export function gist(body) {
  const words = (body.bot ? spoken(body.view.text) : body.said).replace(/\s+/g, " ").trim();
  return words.length > GIST ? `${words.slice(0, GIST - 1).trimEnd()}…` : words;
}

function line(parts, { me, type }) {
  return parts.flatMap((part) => {
    if (typeof part === "string") return breakable(part);
    if (part.typed) return suggestion(part.code, type);
    if ("code" in part) return el("code", {}, ...breakable(part.code));
    if ("when" in part) return moment(new Date(part.when), part.plain);
    if ("mention" in part) {
      const mine = part.mention === me ? " mine" : "";
      return el("span", { className: `mention${mine}` }, `@${part.mention}`);
    }
    return el("a", { href: part.url, target: "_blank", rel: "noopener noreferrer" }, part.link);
  });
}

// A long path may break after its slashes, a duration not before its unit, and the mark of
// what was cut stays with what is left.
function breakable(text) {
  const kept = text
    .replace(/(\d) (?=(?:s|min|h|days?)\b)/g, "$1\u00a0")
    .replace(/…(?=[^\s,.;)])/g, "…\u2060");
  return kept.split(/(?<=\S\/)(?=[^\s/])/).flatMap((piece, index) => (index ? [el("wbr"), piece] : [piece]));
}

function suggestion(text, type) {
  const button = el("button", {
    type: "button", className: "typed",
    title: "Puts it into the command line", "aria-label": `${text}, put it into the command line`,
  }, el("code", {}, ...breakable(text)));
  button.addEventListener("click", () => type(text));
  return button;
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

// On a phone a row stands as a block: what names it first, then each cell with its column's
// name. Roles are written out because such a layout takes them from the elements.
function table({ head, rows }, reader) {
  const cell = (parts, index, row) => {
    const names = index === 0 || (index === 1 && isSign(row[0]));
    const labelled = !names && head[index] ? { "data-label": head[index] } : {};
    return el("td", { role: "cell", className: names ? "names" : "", ...labelled }, ...line(parts, reader));
  };
  const body = rows.map((row) =>
    el("tr", { role: "row" }, ...row.map((parts, index) => cell(parts, index, row))));
  const cells = head.map((name) => el("th", { scope: "col", role: "columnheader" }, name));
  const whole = el("table", { role: "table", className: cells.length ? "" : "headless" },
    cells.length ? el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, ...cells)) : null,
    el("tbody", { role: "rowgroup" }, ...body));
  return el("div", { className: "scroll", tabIndex: 0, role: "group", "aria-label": "Table" }, whole);
}

function isSign(parts) {
  return spoken(parts).length === 1;
}

function fields(rows, reader) {
  return el("dl", {}, ...rows.map(([name, value]) =>
    el("div", {}, el("dt", {}, name), el("dd", {}, ...line(value, reader)))));
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
