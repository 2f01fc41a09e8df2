// The connection: taken up again by itself, from the last change seen; what was not taken in
// is sent again under the same id, which the bot takes in only once.

const FIRST_WAIT = 400;
const LONGEST_WAIT = 8000;
const NOBODY = 4000;
const LATE = 2000; // milliseconds after which what was sent and not answered is told as waiting

export class Socket extends EventTarget {
  #socket = null;
  #timer = 0;
  #wait = FIRST_WAIT;
  #limit = Infinity;
  #as = "";
  #origin = "";
  #upto = null;
  #pending = new Map();

  constructor() {
    super();
    addEventListener("online", () => this.retry());
  }

  /** Speak as somebody from now on; what they may see is read anew. */
  become(user) {
    this.#as = user;
    this.#upto = null;
    this.#wait = FIRST_WAIT;
    this.#open();
  }

  /** Connect now rather than when the time has come. */
  retry() {
    if (this.#socket === null || this.#socket.readyState > WebSocket.OPEN) this.#open();
  }

  /** Send a line or a press; it stays pending until it is taken in or refused. */
  send(body) {
    const sent = { ...body, id: crypto.randomUUID(), as: this.#as, refused: null, late: false };
    this.#pending.set(sent.id, sent);
    this.#transmit(sent);
    this.#tell("pending");
    return sent.id;
  }

  again(id) {
    const sent = this.#pending.get(id);
    sent.refused = null;
    this.#transmit(sent);
    this.#tell("pending");
  }

  drop(id) {
    this.#pending.delete(id);
    this.#tell("pending");
  }

  older(before) {
    this.#write({ what: "older", before });
  }

  /** What was said and not taken in yet, oldest first. */
  get pending() {
    return [...this.#pending.values()];
  }

  get connected() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  #open() {
    clearTimeout(this.#timer);
    const before = this.#socket;
    this.#socket = null;
    before?.close();
    const query = new URLSearchParams({ as: this.#as });
    if (this.#upto !== null) {
      query.set("after", this.#upto);
      query.set("origin", this.#origin);
    }
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}/ws?${query}`);
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      if (socket === this.#socket) this.#heard(JSON.parse(data));
    });
    socket.addEventListener("close", ({ code }) => {
      if (socket === this.#socket) this.#lost(code);
    });
  }

  #lost(code) {
    if (code === NOBODY) this.#as = "";
    this.#socket = null;
    const wait = this.#wait * (0.75 + Math.random() / 2);
    this.#wait = Math.min(LONGEST_WAIT, this.#wait * 2);
    this.#timer = setTimeout(() => this.#open(), wait);
    this.#tell("lost");
  }

  #heard(body) {
    if (body.what === "hello") {
      this.#wait = FIRST_WAIT;
      this.#as = body.as;
      this.#limit = body.limit;
      this.#origin = body.origin;
      this.#tell("hello", body);
      for (const sent of this.#pending.values()) {
        sent.as ||= this.#as; // typed before it was known who speaks
        if (sent.as === this.#as && !sent.refused) this.#transmit(sent);
      }
    } else if (body.what === "taken") {
      const sent = this.#pending.get(body.id);
      this.#pending.delete(body.id);
      if (sent) this.#tell("taken", sent);
      this.#tell("pending");
    } else if (body.what === "refused") {
      this.#refused(body.id, body.why, body.again);
    } else {
      if (body.what !== "older") this.#upto = Math.max(this.#upto ?? 0, body.upto);
      this.#tell("messages", body);
    }
  }

  #refused(id, why, again) {
    const sent = this.#pending.get(id);
    if (sent) {
      sent.refused = { why, again };
      this.#tell("refused", sent);
      this.#tell("pending");
    }
  }

  #transmit(sent) {
    const { refused, as, late, ...body } = sent;
    if (body.text?.length > this.#limit) {
      const most = this.#limit.toLocaleString("en-GB");
      const count = body.text.length.toLocaleString("en-GB");
      this.#refused(body.id, `This message has ${count} characters; ${most} are the most that can be sent.`, false);
    } else {
      this.#write(body);
      sent.late = false;
      setTimeout(() => this.#noteLate(sent), LATE);
    }
  }

  #noteLate(sent) {
    if (this.#pending.get(sent.id) !== sent || sent.refused) return;
    sent.late = true;
    this.#tell("pending");
  }

  #write(body) {
    if (this.connected) this.#socket.send(JSON.stringify(body));
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
