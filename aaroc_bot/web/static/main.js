// Puts the page together: connection, channel, command line, and who one speaks as.

import { Channel } from "./channel.js";
import { Composer } from "./composer.js";
import { el } from "./element.js";
import { Socket } from "./socket.js";
import { zone, zoneName } from "./time.js";

const $ = (id) => document.getElementById(id);

const socket = new Socket();
let me = "";
let first = null; // the seq from which on the channel is shown
const presses = new Map(); // buttons that were pressed and wait, by id of the press
const typed = new Map(); // what each person typed on this page, oldest first

const channel = new Channel({
  press(body, button, element) {
    if (element.getAttribute("aria-disabled") === "true") return;
    element.setAttribute("aria-disabled", "true"); // keeps the focus, which `disabled` loses
    presses.set(socket.send({ what: "press", message: body.ref, button: button.id, zone }), element);
  },
  reply: (body) => composer.replyTo(body),
  type: (text) => composer.fill(text),
});

const composer = new Composer({
  send(text, thread) {
    typed.set(me, [...(typed.get(me) ?? []), text]);
    socket.send({ what: "say", text, thread, zone });
    channel.follow();
  },
  history() {
    const lines = [...channel.saidBy(me), ...(typed.get(me) ?? [])];
    return lines.filter((line, index) => lines.lastIndexOf(line) === index);
  },
});

socket.addEventListener("hello", ({ detail }) => {
  connected(true);
  if (!detail.again) {
    channel.clear();
    first = null;
  }
  me = detail.as;
  channel.me = me;
  history.replaceState(null, "", `#${encodeURIComponent(me)}`);
  $("channel-name").textContent = detail.channel;
  speakers(detail.speakers);
  const focused = document.activeElement;
  if (!detail.again) composer.become(detail.speakers.find(({ user }) => user === me));
  if (focused === document.body) $("line").focus();
});

socket.addEventListener("lost", () => {
  connected(false);
  showPending();
});

socket.addEventListener("messages", ({ detail }) => {
  const older = detail.what === "older";
  if (detail.what !== "changes") first = detail.first;
  channel.show(detail.messages, { live: detail.what === "changes", older });
  $("older").hidden = first === null || first <= 1;
  $("empty").hidden = !channel.empty;
  if (older && $("older").hidden && document.activeElement === document.body) $("channel").focus();
});

for (const type of ["taken", "refused"]) {
  socket.addEventListener(type, ({ detail }) => {
    presses.get(detail.id)?.removeAttribute("aria-disabled");
    presses.delete(detail.id);
  });
}

socket.addEventListener("pending", showPending);

function showPending() {
  $("pending").replaceChildren(...socket.pending
    .filter((sent) => sent.what === "say" || sent.refused || sent.late)
    .map(pendingLine));
}

$("older").addEventListener("click", () => socket.older(first));
$("retry").addEventListener("click", () => socket.retry());
$("speaker").addEventListener("change", ({ target }) => socket.become(target.value));

function connected(yes) {
  $("banner").hidden = yes;
  document.body.classList.toggle("lost", !yes);
  $("state-word").textContent = yes ? "connected" : "not connected";
  if (!yes) {
    $("banner-text").textContent =
      "Connection lost. I try again by myself; what you type meanwhile is sent then.";
  }
}

function speakers(all) {
  if ($("speaker").options.length !== all.length) {
    $("speaker").replaceChildren(...all.map(({ user, role }) =>
      el("option", { value: user }, `${user} · ${role}`)));
  }
  $("speaker").value = me;
}

function pendingLine(sent) {
  const text = sent.what === "say" ? sent.text : "A button's press";
  const words = el("span", { className: "words" }, text.slice(0, 300));
  if (!sent.refused) {
    const who = sent.as === me ? "" : ` as ${sent.as}`;
    const wait = sent.late ? "not taken in yet, still waiting" : "sending";
    const how = socket.connected ? wait : "waits for the connection";
    const role = sent.late ? { role: "status" } : {};
    return el("li", {}, words, el("span", { className: "note", ...role }, ` ${how}${who} …`));
  }
  const item = el("li", { className: "refused", role: "alert" }, words, el("p", {}, sent.refused.why));
  const act = (label, run) => {
    const button = el("button", { type: "button" }, label);
    button.addEventListener("click", run);
    item.append(button, " ");
  };
  if (sent.refused.again) act("Try again", () => socket.again(sent.id));
  if (sent.what === "say") {
    act("Change it", () => {
      socket.drop(sent.id);
      composer.fill(sent.text);
    });
  }
  act("Leave it", () => {
    socket.drop(sent.id);
    $("line").focus();
  });
  return item;
}

addEventListener("hashchange", () => {
  if (named() !== me) socket.become(named());
});

function named() {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return ""; // not an address that this page made
  }
}

$("hint").append(` · times in ${zoneName()}`);
socket.become(named());
