// The command line: Enter sends, the up key recalls what this person typed before.

import { el } from "./element.js";
import { gist } from "./view.js";

export class Composer {
  #form = document.getElementById("composer");
  #line = document.getElementById("line");
  #label = document.getElementById("line-label");
  #suggestions = document.getElementById("suggestions");
  #replying = document.getElementById("replying");
  #thread = null;
  #back = 0; // how many lines back the recalled one is
  #draft = "";

  constructor({ send, history }) {
    this.send = send;
    this.history = history;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#line.addEventListener("keydown", (event) => this.#key(event));
    this.#line.addEventListener("input", () => {
      this.#back = 0;
      this.#fit();
    });
    document.getElementById("stop-replying").addEventListener("click", () => this.replyTo(null));
  }

  /** Who speaks, and what is worth typing as them. */
  become({ user, suggestions }) {
    this.#label.textContent = `Command, as ${user}`;
    this.#back = 0;
    this.replyTo(null, { focus: false });
    this.#suggestions.replaceChildren(...suggestions.map((text) => {
      const chip = el("button", { type: "button", title: "Puts it into the command line" }, text);
      chip.addEventListener("click", () => this.fill(text));
      return el("li", {}, chip);
    }));
  }

  /** Reply in the thread of a message, or (null) speak in the channel again. */
  replyTo(body, { focus = true } = {}) {
    this.#thread = body && (body.thread ?? body.ref);
    this.#replying.hidden = body === null;
    if (body) {
      document.getElementById("replying-to").textContent =
        `In the thread of ${body.by}: “${gist(body)}”`;
    }
    if (focus) this.#line.focus();
  }

  fill(text) {
    this.#line.value = text;
    this.#fit();
    this.#line.focus();
    this.#line.setSelectionRange(text.length, text.length);
  }

  #submit() {
    const text = this.#line.value.trim();
    if (!text) return;
    this.send(text, this.#thread);
    this.#line.value = "";
    this.#back = 0;
    this.#fit();
    if (this.#thread) this.replyTo(null);
  }

  #key(event) {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.#submit();
    } else if (event.key === "Escape" && this.#thread) {
      this.replyTo(null);
    } else if (event.key === "ArrowUp" && this.#mayRecall()) {
      event.preventDefault();
      this.#recall(this.#back + 1);
    } else if (event.key === "ArrowDown" && this.#back > 0) {
      event.preventDefault();
      this.#recall(this.#back - 1);
    }
  }

  #mayRecall() {
    return this.#back > 0 || !this.#line.value.includes("\n");
  }

  #recall(back) {
    const lines = this.history();
    if (back > lines.length) return;
    if (this.#back === 0) this.#draft = this.#line.value;
    this.fill(back === 0 ? this.#draft : lines[lines.length - back]);
    this.#back = back;
  }

  #fit() {
    this.#line.style.height = "auto";
    this.#line.style.height = `${Math.min(this.#line.scrollHeight, 160)}px`;
  }
}
