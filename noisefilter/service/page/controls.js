// Policy, labels and counters beside the article, and the article's own fields above it.

import { FLAGS, LABELS, POLICIES, count, make, meaning, percent } from "./words.js";

const $ = (id) => document.getElementById(id);
const RULES = { auto: "auto: as the policy says", keep: "always keep", drop: "always drop" };

/** Builds the legend; `onChange` is called whenever a policy or a label was switched. */
export function setUpControls(onChange) {
  for (const [label, about] of Object.entries(LABELS)) {
    const rules = make("fieldset", { class: "switch small" }, make("legend", { class: "vh" }, `Blocks labelled ${label}`));
    for (const [rule, words] of Object.entries(RULES)) {
      if (label === "content" && rule === "drop") continue; // nothing would be left
      const radio = make("input", { type: "radio", name: `rule-${label}`, value: rule, "aria-label": words });
      radio.checked = rule === "auto";
      rules.append(make("label", {}, radio, make("span", { "aria-hidden": "true" }, rule)));
    }
    const name = make("span", { class: "name" }, make("span", { class: "chip" }, label));
    const row = make("li", { "data-label": label, title: about }, name, make("span", { class: "count" }), rules);
    $("legend").append(row);
  }
  const changed = () => {
    showPolicy();
    $("reset").hidden = !document.querySelector('#legend input:checked:not([value="auto"])');
    onChange();
  };
  $("policy").addEventListener("change", changed);
  $("legend").addEventListener("change", changed);
  $("reset").addEventListener("click", () => {
    for (const radio of document.querySelectorAll('#legend input[value="auto"]')) radio.checked = true;
    document.querySelector("#legend input:checked").focus();
    changed();
  });
  // On a phone the article comes first.
  $("labels").open = !matchMedia("(max-width: 60rem)").matches;
  showPolicy();
}

export const policyChosen = () => document.querySelector("input[name=policy]:checked").value;

/** The labels that are switched to `keep` or `drop`. */
export const labelsSetTo = (rule) =>
  [...document.querySelectorAll(`#legend input[value="${rule}"]:checked`)].map((radio) => radio.name.slice(5));

function showPolicy() {
  $("policy-about").textContent = POLICIES[policyChosen()];
}

/** Numbers of blocks by label, and the bar of their shares. */
export function showCounts(article) {
  const { blocks, signals } = article;
  const kept = blocks.filter((block) => block.kept).length;
  const words = (n) => Math.round(n).toLocaleString("en");
  $("counts").replaceChildren(
    make("strong", {}, kept.toLocaleString("en")), ` of ${count(blocks.length, "block")} kept`,
    make("small", {}, `${words(signals.words_kept)} of ${words(signals.words)} words`),
  );
  const byLabel = {};
  for (const block of blocks) {
    const entry = (byLabel[block.label] ??= { all: 0, kept: 0 });
    entry.all += 1;
    entry.kept += block.kept ? 1 : 0;
  }
  for (const row of $("legend").children) {
    const entry = byLabel[row.dataset.label] ?? { all: 0, kept: 0 };
    const note = entry.kept && row.dataset.label !== "content" ? `, ${entry.kept} kept` : "";
    row.classList.toggle("none", entry.all === 0);
    row.querySelector(".count").replaceChildren(
      entry.all.toLocaleString("en"), make("span", { class: "vh" }, ` ${entry.all === 1 ? "block" : "blocks"}${note}`),
    );
  }
  $("shares").replaceChildren(
    ...Object.keys(LABELS).filter((label) => byLabel[label]).map((label) => {
      const part = make("span", { "data-label": label });
      part.style.flexGrow = byLabel[label].all;
      return part;
    }),
  );
}

/** Title, byline, tags, quality and flags, as far as the article has them. */
export function showFields(article) {
  // Isolated from a line that may run from right to left, which would turn the date around.
  const date = article.date && make("span", { dir: "ltr" }, dateOf(article.date));
  const line = [article.authors.join(", "), date, article.source, article.language].filter(Boolean);
  const parts = [];
  if (article.title) parts.push(make("h3", { class: "headline", dir: "auto" }, article.title));
  if (line.length) parts.push(make("p", { class: "meta", dir: "auto" }, ...line.flatMap((part, i) => (i ? [" · ", part] : [part]))));
  if (article.tags.length) {
    const tags = article.tags.map((tag) => make("li", { dir: "auto" }, tag));
    parts.push(make("ul", { class: "tags", "aria-label": "Tags" }, ...tags));
  }
  const facts = [`Quality ${percent(article.quality)}`, ...article.flags.map((flag) => meaning(FLAGS, flag))];
  parts.push(make("ul", { class: "facts", lang: "en", "aria-label": "About the result" }, ...facts.map((fact) => make("li", {}, fact))));
  $("fields").replaceChildren(...parts);
}

function dateOf(date) {
  return date.replace("T", " ").replace(/(:\d\d):\d\d.*$/, "$1");
}
