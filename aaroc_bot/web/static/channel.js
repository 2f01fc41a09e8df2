// The channel: messages in the order in which they were said, threads under their first
// message, and where the reader is in it. A message is replaced when a newer state comes.

import { Changed } from "./changed.js";
import { el } from "./element.js";
import { dayOf, moment, stamp } from "./time.js";
import { gist, spoken, view } from "./view.js";

const OPEN_THREADS = 8; // threads that stand open by themselves, counted from the newest
const NEAR = 48; // pixels from the end that count as being there

export class Channel {
  #list = document.getElementById("messages");
  #scroller = document.getElementById("channel");
  #jump = document.getElementById("jump");
  #voice = document.getElementById("said");
  #messages = new Map();
  #items = new Map();
  #opened = new Map(); // threads that the reader opened or closed
  #changed = new Changed();
  #followed = true;

  constructor({ press, reply, type }) {
    this.press = press;
    this.reply = reply;
    this.type = type;
    this.me = "";
    this.#scroller.addEventListener("scroll", () => {
      this.#followed = this.#atEnd();
      if (this.#followed) this.#jump.hidden = true;
    });
    this.#jump.addEventListener("click", () => {
      this.follow();
      document.getElementById("line").focus();
    });
    new ResizeObserver(() => this.#followed && this.follow()).observe(this.#list);
    new ResizeObserver(() => this.#followed && this.follow()).observe(this.#scroller);
  }

  clear() {
    this.#messages.clear();
    this.#items.clear();
    this.#list.replaceChildren();
    this.#changed.clear();
    this.#followed = true;
  }

  follow() {
    this.#followed = true;
    this.#jump.hidden = true;
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  /** What this person said, oldest first; typed again with the up key. */
  saidBy(user) {
    return this.#sorted().filter((body) => !body.bot && body.by === user).map((body) => body.said);
  }

  get empty() {
    return this.#messages.size === 0;
  }

  /** Show messages; `live` ones are read out, older ones keep the reader's place. */
  show(bodies, { live, older }) {
    const changed = bodies.filter((body) => body.seq > (this.#messages.get(body.ref)?.seq ?? 0));
    const fromEnd = this.#scroller.scrollHeight - this.#scroller.scrollTop;
    const spokenOf = live ? changed.filter((body) => this.#worthSaying(body)) : [];
    const moved = spokenOf.filter((body) => body.view?.state && this.#messages.has(body.ref));
    for (const body of changed) this.#messages.set(body.ref, body);
    const stale = new Set(changed.map((body) => body.thread ?? body.ref));
    this.#draw(stale);
    if (older) this.#scroller.scrollTop = this.#scroller.scrollHeight - fromEnd;
    else if (this.#followed) this.follow();
    else if (spokenOf.length) this.#jump.hidden = false;
    for (const body of spokenOf) this.#say(body);
    for (const body of moved) this.#changed.tell(body);
    this.#changed.look();
    if (this.#followed) this.follow(); // the word about a change takes room at the end
  }

  #atEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR;
  }

  #sorted() {
    return [...this.#messages.values()].sort((a, b) => a.at - b.at || (a.ref < b.ref ? -1 : 1));
  }

  #worthSaying(body) {
    const before = this.#messages.get(body.ref);
    return before === undefined ? body.by !== this.me : before.view?.state !== body.view?.state;
  }

  #say(body) {
    const words = body.bot ? spoken(body.view.text) : body.said;
    const alone = body.to ? "only you see this: " : "";
    this.#voice.append(el("p", {}, `${body.by}: ${alone}${words.slice(0, 300)}`));
    while (this.#voice.children.length > 5) this.#voice.firstChild.remove();
  }

  // Items are kept as they are unless something in their thread changed, so that focus,
  // selection and open threads survive what others do.
  #draw(stale) {
    const threads = new Map();
    for (const body of this.#sorted()) {
      const root = body.thread ?? body.ref;
      if (!threads.has(root)) threads.set(root, { first: null, replies: [] });
      if (body.thread) threads.get(root).replies.push(body);
      else threads.get(root).first = body;
    }
    const order = [...threads].sort(([, a], [, b]) => started(a) - started(b));
    const recent = new Set(order.slice(-OPEN_THREADS).map(([root]) => root));
    const focus = focusPath(document.activeElement);
    let after = null;
    let day = "";
    for (const [root, thread] of order) {
      const today = dayOf(started(thread));
      const open = this.#opened.get(root) ?? recent.has(root);
      let item = this.#items.get(root);
      if (!item || stale.has(root) || item.dataset.open !== String(open) || item.dataset.day !== dayIf(today, day)) {
        const made = this.#item(root, thread, open, dayIf(today, day));
        item?.replaceWith(made);
        item = made;
        this.#items.set(root, item);
      }
      const place = after ? after.nextSibling : this.#list.firstChild;
      if (place !== item) this.#list.insertBefore(item, place);
      after = item;
      day = today;
    }
    restoreFocus(focus);
  }

  #item(root, { first, replies }, open, day) {
    const item = el("li", { "data-ref": root, "data-open": String(open), "data-day": day });
    if (day) item.append(el("h2", { className: "day" }, day));
    item.append(first
      ? this.#message(first)
      : el("p", { className: "note earlier" }, "In a thread that began earlier"));
    if (replies.length) item.append(this.#thread(root, replies, open));
    return item;
  }

  #thread(root, replies, open) {
    const count = replies.length === 1 ? "1 answer" : `${replies.length} answers`;
    const toggle = el("button",
      { type: "button", className: "toggle", "aria-expanded": String(open), "data-key": `toggle ${root}` },
      el("span", { "aria-hidden": "true" }, open ? "▾ " : "▸ "), count);
    toggle.addEventListener("click", () => {
      this.#opened.set(root, !open);
      this.#draw(new Set([root]));
    });
    const foldable = !open || replies.length > 1 || this.#opened.has(root);
    return el("div", { className: "thread" }, foldable ? toggle : null,
      open ? el("ol", {}, ...replies.map((body) => el("li", {}, this.#message(body)))) : null);
  }

  #message(body) {
    const { ref } = body;
    const article = el("article", {
      className: [body.bot ? "bot" : "person", body.to ? "alone" : ""].join(" ").trim(),
      "data-message": ref,
    });
    if (body.view?.state) {
      article.tabIndex = -1; // so that one can be sent to a card that changed
      article.dataset.key = ref;
    }
    const reply = this.#reply(body);
    const head = el("header", {},
      stamp(body.at), el("b", {}, body.by),
      body.bot ? el("span", { className: "tag" }, "bot") : null,
      ...body.signs.map(sign),
      body.to ? el("span", { className: "only" }, el("span", { "aria-hidden": "true" }, "◉ "), "only you see this") : null,
      edited(body), reply);
    article.append(head, body.bot ? this.#view(body) : said(body));
    return article;
  }

  #reply(body) {
    const first = this.#messages.get(body.thread) ?? body;
    const button = el("button", {
      type: "button", className: "reply", "data-key": `reply ${body.ref}`,
      "aria-label": `Reply in the thread of ${first.by}: ${gist(first)}`,
    }, "Reply");
    button.addEventListener("click", () => this.reply(first));
    return button;
  }

  #view(body) {
    const press = (button, element) => this.press(body, button, element);
    const box = view(body.view, { me: this.me, press, type: this.type });
    box.querySelectorAll("button, a, pre, .scroll").forEach((part, index) => {
      part.dataset.key = `${body.ref} ${part.textContent.slice(0, 80)} ${part.tagName === "BUTTON" ? "" : index}`;
    });
    return box;
  }
}

function started({ first, replies }) {
  return first?.at ?? replies[0].at;
}

function dayIf(today, before) {
  return today === before ? "" : today;
}

function edited(body) {
  if (!body.edited) return null;
  const at = moment(new Date(body.edited));
  return el("span", { className: "edited", title: `edited ${at.textContent}` }, "edited");
}

function said(body) {
  const box = el("p", { className: "words" }, body.said);
  if (body.cut) {
    box.append(el("span", { className: "note" }, ` … ${body.cut.toLocaleString("en-GB")} more characters`));
  }
  return box;
}

function sign(word) {
  const mark = { seen: "✓", refused: "⊘" }[word] ?? "•";
  return el("span", { className: `sign ${word}`, role: "img", "aria-label": word, title: word }, mark);
}

function focusPath(element) {
  return element?.dataset?.key ?? null;
}

function restoreFocus(key) {
  if (key === null || document.activeElement?.dataset?.key === key) return;
  for (const element of document.querySelectorAll("[data-key]")) {
    if (element.dataset.key === key) return element.focus({ preventScroll: true });
  }
  // what had the focus is gone (a decided card's button): stay near, not at the page's top
  document.getElementById("channel").focus({ preventScroll: true });
}
