// The word about a card that changed where the reader does not see it, and the way to it.
// What changed is read out by the channel itself, so this says nothing to a live region.

export class Changed {
  #button = document.getElementById("changed");
  #scroller = document.getElementById("channel");
  #words = new Map(); // what to say of each card by its ref, the newest last

  constructor() {
    this.#button.addEventListener("click", () => this.#go());
    this.#scroller.addEventListener("scroll", () => this.look());
    new ResizeObserver(() => this.look()).observe(this.#scroller);
  }

  /** Tell of a card's new state, unless the card is in view. */
  tell({ ref, view }) {
    this.#words.delete(ref);
    this.#words.set(ref, `Run ${view.run} ${view.state}`);
  }

  clear() {
    this.#words.clear();
    this.look();
  }

  /** Forget what has been seen by now and show the newest of the rest. */
  look() {
    if (!this.#words.size && this.#button.hidden) return;
    for (const ref of this.#words.keys()) {
      if (this.#where(ref) === "here") this.#words.delete(ref);
    }
    const [ref, words] = [...this.#words].at(-1) ?? [];
    if (ref === undefined && document.activeElement === this.#button) this.#scroller.focus();
    this.#button.hidden = ref === undefined;
    if (ref === undefined) return;
    this.#button.dataset.where = this.#where(ref);
    this.#button.setAttribute("aria-label", `${words}, go to its card`);
    this.#button.lastElementChild.textContent = words;
  }

  #go() {
    const card = article([...this.#words.keys()].at(-1));
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "start" });
    this.look();
  }

  /** Whether a card's first line stands above, below or in what is shown of the channel. */
  #where(ref) {
    const line = article(ref)?.querySelector(".first").getBoundingClientRect();
    const shown = this.#scroller.getBoundingClientRect();
    if (!line) return "here"; // its thread is folded: nothing to go to
    if (line.top < shown.top) return "above";
    return line.bottom > shown.bottom ? "below" : "here";
  }
}

function article(ref) {
  return document.querySelector(`article[data-message="${CSS.escape(ref)}"]`);
}
