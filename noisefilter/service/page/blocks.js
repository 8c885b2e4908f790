// The blocks of the page as a list that can be walked with the arrow keys, and the note about one of them.

import { LABELS, REASONS, count, make, meaning, percent } from "./words.js";

const $ = (id) => document.getElementById(id);
// A browser lays out this many at once without a pause; the rest comes by a button.
const SHOWN_AT_ONCE = 2000;

export class Blocks {
  #items = [];
  #blocks = [];
  #active = -1;
  #pinned = false; // the note was asked for by focus, click or tap: hovering elsewhere does not take it away
  #held = false; // by click or tap: nor does moving the mouse, so that it can reach the note
  #keptOnly = false;
  #onExplain;

  constructor(onExplain) {
    this.#onExplain = onExplain;
    const list = $("blocks");
    const indexOf = (event) => this.#items.indexOf(event.target.closest(".block"));
    list.addEventListener("keydown", (event) => this.#walk(event));
    list.addEventListener("focusin", (event) => {
      this.#held = false;
      this.#choose(indexOf(event), true);
      if (event.target.matches(":focus-visible")) this.#uncover();
    });
    list.addEventListener("click", (event) => {
      this.#choose(indexOf(event), true);
      this.#held = this.#pinned;
      this.#uncover();
    });
    list.addEventListener("pointerover", (event) => {
      if (event.pointerType === "mouse" && !this.#pinned) this.#choose(indexOf(event), false);
    });
    // Moving from the focused block with the mouse is asking about another one.
    list.addEventListener("pointermove", (event) => {
      if (event.pointerType === "mouse" && !this.#held && (event.movementX || event.movementY)) this.#pinned = false;
    });
    addEventListener("pointerdown", (event) => {
      if (!event.target.closest("#blocks, #note")) this.#held = this.#pinned = false;
    });
    $("more-blocks").addEventListener("click", () => {
      const first = this.#items.length;
      this.#build(first, first + SHOWN_AT_ONCE);
      const added = this.#items.slice(first).find((item) => this.#isShown(item));
      if (added) added.focus();
      else if ($("more-blocks").hidden) this.#items.findLast((item) => this.#isShown(item))?.focus();
    });
    addEventListener("keydown", (event) => event.key === "Escape" && this.#leaveNote());
    addEventListener("resize", () => this.#place());
  }

  /** Shows the article's blocks; those of the same input change in place, so that focus and place stay. */
  show(blocks) {
    const same =
      blocks.length === this.#blocks.length && blocks.every((block, i) => block.text === this.#blocks[i].text);
    const before = this.#blocks;
    this.#blocks = blocks;
    $("none-kept").hidden = blocks.some((block) => block.kept);
    if (same) {
      this.#items.forEach((item, i) => {
        mark(item, blocks[i]);
        item.classList.toggle("changed", blocks[i].kept !== before[i].kept);
      });
      this.#makeReachable();
      if (!$("note").hidden) this.#fillNote();
      return blocks.filter((block, i) => block.kept !== before[i].kept).length;
    }
    this.closeNote();
    this.#items = [];
    this.#active = -1;
    $("blocks").replaceChildren();
    this.#build(0, SHOWN_AT_ONCE);
    return null;
  }

  showKeptOnly(is) {
    this.#keptOnly = is;
    $("article").classList.toggle("kept-only", is);
    this.closeNote();
    this.#makeReachable();
  }

  closeNote() {
    $("note").hidden = true;
    $("blocks").style.removeProperty("--covered");
    this.#held = this.#pinned = false;
    this.#items[this.#active]?.classList.remove("active");
    this.#items[this.#active]?.removeAttribute("aria-describedby");
  }

  /** Closes the note; the focus, if it is in there, goes back to the block. */
  #leaveNote() {
    const inside = $("note").contains(document.activeElement);
    this.closeNote();
    if (!inside) return;
    this.#items[this.#active]?.focus({ preventScroll: true });
    this.closeNote(); // focus opened it again
  }

  #isShown(item) {
    return !this.#keptOnly || item.dataset.kept === "true";
  }

  /** One block is in the order of Tab: the last chosen, or else the first that is shown. */
  #makeReachable() {
    const now = this.#items.find((item) => item.tabIndex === 0);
    if (now && this.#isShown(now)) return;
    const first = this.#items.find((item) => this.#isShown(item));
    if (now) now.tabIndex = -1;
    if (first) first.tabIndex = 0;
  }

  #build(from, to) {
    const added = this.#blocks.slice(from, to).map((block) => {
      const text = make("div", { class: "text", dir: "auto" }, block.text);
      const item = make("div", { role: "listitem", class: "block", tabindex: "-1" }, make("div", { class: "tag", lang: "en" }), text);
      item.dataset.kind = block.kind;
      if (block.kind === "heading" || block.kind === "list_item") item.dataset.level = block.level;
      mark(item, block);
      return item;
    });
    this.#items.push(...added);
    $("blocks").append(...added);
    this.#makeReachable();
    const left = this.#blocks.length - this.#items.length;
    $("more-blocks").hidden = left === 0;
    $("more-blocks").textContent = `Show more: ${count(left, "block")} left`;
  }

  #walk(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const visible = this.#items.filter((item) => this.#isShown(item));
    const at = visible.indexOf(event.target.closest(".block"));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: visible.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    visible[Math.min(Math.max(to, 0), visible.length - 1)]?.focus();
  }

  #choose(index, pinned) {
    if (index < 0) return;
    if (pinned) this.#pinned = true;
    if (index !== this.#active || $("note").hidden) {
      const before = this.#items[this.#active];
      before?.classList.remove("active");
      before?.removeAttribute("aria-describedby");
      this.#active = index;
      this.#items[index].classList.add("active");
      this.#items[index].setAttribute("aria-describedby", "note-about");
      this.#fillNote();
    }
    if (pinned) {
      for (const item of this.#items) item.tabIndex = -1;
      this.#items[index].tabIndex = 0;
    }
  }

  /** The note at the bottom of the window may have come over its block. */
  #uncover() {
    if (isFixed($("note"))) this.#items[this.#active]?.scrollIntoView({ block: "nearest" });
  }

  #fillNote() {
    const block = this.#blocks[this.#active];
    const note = $("note");
    const inside = note.contains(document.activeElement);
    note.dataset.label = block.label;
    const close = make("button", { type: "button", class: "quiet close", "aria-label": "Close the note" }, "×");
    close.addEventListener("click", () => this.#leaveNote());
    // What describes the block has no label of its own: a screen reader would say that instead.
    const about = make(
      "div",
      { id: "note-about" },
      make("p", { class: "verdict" }, make("span", { class: "chip" }, block.label), block.kept ? " kept" : " dropped"),
      make("p", {}, meaning(REASONS, block.reason)),
      ...meter(`Score of “${block.label}”`, block.score),
      ...meter("Chance of being noise", block.noise),
      make("p", { class: "small" }, `${block.label}: ${meaning(LABELS, block.label)}${block.hidden ? "; hidden by the page" : ""}`),
    );
    const evidence = this.#evidence(block);
    note.replaceChildren(close, about, evidence);
    note.hidden = false;
    if (inside) evidence.focus();
    this.#place();
  }

  #evidence(block) {
    if (!block.evidence) {
      const button = make("button", { type: "button", class: "quiet" }, "Show the evidence");
      button.addEventListener("click", () => this.#onExplain());
      return button;
    }
    const list = make("ul", { class: "evidence", tabindex: "-1", "aria-label": "Evidence" });
    for (const { name, weight } of block.evidence.slice(0, 6)) {
      const sign = weight > 0 ? "+" : "−";
      const side = make("b", { class: weight > 0 ? "for" : "against" }, `${sign}${Math.abs(weight).toFixed(1)}`);
      list.append(make("li", {}, side, make("span", { class: "vh" }, weight > 0 ? " for noise: " : " for content: "), name));
    }
    return list;
  }

  /** Beside its block where there is a margin; elsewhere the style puts it at the bottom of the window. */
  #place() {
    const item = this.#items[this.#active];
    if (!item || $("note").hidden) return;
    const covered = isFixed($("note")) ? innerHeight - $("note").getBoundingClientRect().top : 0;
    $("blocks").style.setProperty("--covered", `${Math.round(covered)}px`);
    const start = $("article").getBoundingClientRect().top;
    const height = $("note").offsetHeight;
    const top = item.getBoundingClientRect().top - start;
    // Within the window where that is possible, and never beside nothing.
    const room = Math.min($("article").offsetHeight, innerHeight - start - 16) - height;
    $("note").style.setProperty("--top", `${Math.round(Math.max(0, Math.min(top, room)))}px`);
  }
}

const isFixed = (element) => getComputedStyle(element).position === "fixed";

function mark(item, block) {
  item.dataset.label = block.label;
  item.dataset.kept = block.kept;
  const [tag, text] = item.children;
  const plain = block.kept && block.label === "content";
  const state = block.kept ? "Kept" : "Dropped";
  tag.replaceChildren(make("span", { class: "vh" }, `${state}${plain ? ". " : " as "}`));
  if (!plain) tag.append(block.label, make("span", { class: "vh" }, ": "));
  // A dropped heading is no heading of this article.
  if (block.kept && block.kind === "heading") {
    text.setAttribute("role", "heading");
    text.setAttribute("aria-level", "3");
  } else {
    text.removeAttribute("role");
    text.removeAttribute("aria-level");
  }
}

function meter(name, share) {
  const bar = make("span", { class: "fill" });
  bar.style.width = percent(share); // through the object model, which the policy of the page allows
  return [
    make("p", { class: "meter" }, make("span", {}, name), make("b", {}, percent(share))),
    make("div", { class: "track", "aria-hidden": "true" }, bar),
  ];
}
