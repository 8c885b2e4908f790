// The page: its state, and what happens when something changes.

import { Problem, clean, optionsOf } from "./api.js";
import { Blocks } from "./blocks.js";
import { copy } from "./clipboard.js";
import { labelsSetTo, policyChosen, setUpControls, showCounts, showFields } from "./controls.js";
import { callsFor } from "./snippets.js";
import { setUpSource, sizeOf } from "./source.js";
import { count, make } from "./words.js";

const $ = (id) => document.getElementById(id);
const DEBOUNCE_MS = 120;
const TOAST_MS = 4000;

let source = null; // what is cleaned
let article = null; // the last answer
let calls = null; // curl and Python for it
let token = ""; // in memory only, so that it goes with the tab
let explain = false;
let asking = null; // the AbortController of the request under way
let timer = 0;
let toast = 0;

const blocks = new Blocks(() => {
  explain = true;
  ask();
});

function say(text) {
  clearTimeout(toast);
  $("status").textContent = text;
  $("status").classList.add("shown");
  toast = setTimeout(() => $("status").classList.remove("shown"), TOAST_MS);
}

function options() {
  const pattern = (id) => ($(id).value ? [`re:${$(id).value}`] : []);
  return optionsOf({
    policy: policyChosen(),
    keep: [...labelsSetTo("keep"), ...pattern("keep-pattern")],
    drop: [...labelsSetTo("drop"), ...pattern("drop-pattern")],
    title: source.kind === "text" ? $("title").value.trim() : "",
    url: $("url").value.trim(),
  });
}

/** Asks the service anew; an older request is given up. */
async function ask() {
  clearTimeout(timer);
  if (!source) return;
  asking?.abort();
  const own = new AbortController();
  asking = own;
  const chosen = options();
  busy(true);
  try {
    const answer = await clean(source, chosen, { explain, token, signal: own.signal });
    if (asking === own) showResult(answer, chosen);
  } catch (error) {
    if (asking === own) showProblem(error);
  } finally {
    if (asking === own) busy(false);
  }
}

function askSoon() {
  clearTimeout(timer);
  timer = setTimeout(ask, DEBOUNCE_MS);
}

function busy(is) {
  $("progress").hidden = !is;
  $("result").setAttribute("aria-busy", is);
  document.body.classList.toggle("busy", is);
}

function showResult(answer, chosen) {
  article = answer;
  $("problem").hidden = true;
  $("token-form").hidden = true;
  $("result").classList.remove("stale");
  const first = $("result").hidden || $("source").classList.contains("fresh");
  $("result").hidden = false;
  const size = source.file ? source.file.size : new Blob([source.content]).size;
  const given = source.kind === "html" ? "Pasted HTML" : "Pasted text";
  $("source-name").textContent = `${source.name || given}, ${sizeOf(size)}`;
  $("article").lang = /^[a-z]{2,3}$/.test(answer.language ?? "") ? answer.language : "";
  $("model").textContent = `Model ${answer.model}.`;
  showFields(answer);
  showCounts(answer);
  const changed = blocks.show(answer.blocks);
  showCalls(chosen);
  const kept = answer.blocks.filter((block) => block.kept).length;
  const now = `${kept} of ${count(answer.blocks.length, "block")} kept.`;
  if (first || changed === null) {
    $("source").classList.remove("fresh");
    $("source").classList.add("done");
    $("result-title").focus({ preventScroll: true });
    scrollTo({ top: 0 });
    say(now);
  } else if (changed) say(`${count(changed, "block")} changed: ${now}`);
  else say(`No change: ${now}`);
}

function showCalls(chosen) {
  calls = callsFor(source, chosen, Boolean(token));
  $("curl").textContent = calls.curl;
  $("python").textContent = calls.python;
  $("calls-about").textContent = calls.save
    ? `The input is too long for a command line: save it as ${calls.save} first.`
    : "What you see above, from a shell or from your own code.";
}

function showProblem(error) {
  const known = error instanceof Problem;
  if (known && error.status === 401) {
    $("token-form").hidden = false;
    if (!token) {
      $("token").focus();
      return; // the field says it all
    }
    $("token").select();
  }
  const box = $("problem");
  const title = known ? error.title : "The page failed";
  const detail = known ? error.detail : String(error.message);
  box.replaceChildren(make("strong", {}, title || "The service refused this"), make("p", {}, detail));
  // The service repeats the detail for the field where there is only one.
  const lines = known ? error.errors.filter((line) => !line.endsWith(detail)) : [];
  if (lines.length) box.append(make("ul", {}, ...lines.map((line) => make("li", {}, line))));
  if (article) box.append(make("p", {}, make("small", {}, "Below is the last result, from before this.")));
  if (![400, 401, 413, 415, 422].includes(error.status)) {
    const again = make("button", { type: "button", class: "quiet" }, "Try again");
    again.addEventListener("click", ask);
    box.append(again);
  }
  box.hidden = false;
  $("result").classList.add("stale");
  $("result").classList.add("stale");
  $("source").classList.remove("done"); // so that the input can be changed
}

async function textFor(what) {
  if (what === "text") return article.text;
  if (what === "json") return `${JSON.stringify(article, null, 2)}\n`;
  if (what === "curl" || what === "python") return calls[what];
  const answer = await clean(source, options(), { format: "markdown", token });
  return answer.text;
}

async function copyOut(button) {
  const what = button.dataset.copy;
  try {
    await copy(textFor(what));
    say(`Copied ${{ text: "the text", markdown: "the Markdown", json: "the JSON", curl: "the command", python: "the code" }[what]}.`);
    button.classList.add("copied");
    setTimeout(() => button.classList.remove("copied"), 1500);
  } catch (error) {
    if (error instanceof Problem) showProblem(error);
    else say("The browser did not allow copying.");
  }
}

setUpControls(askSoon);
setUpSource((given) => {
  source = given;
  $("source").classList.add("fresh");
  ask();
}, say);
$("edit").addEventListener("click", () => {
  $("source").classList.remove("done");
  scrollTo({ top: 0 });
  ($("paste").hidden ? $("file-remove") : $("input")).focus();
});
for (const id of ["title", "url", "keep-pattern", "drop-pattern"]) $(id).addEventListener("change", askSoon);
for (const button of document.querySelectorAll("[data-copy]")) button.addEventListener("click", () => copyOut(button));
$("view").addEventListener("change", (event) => {
  $("article").classList.toggle("kept-only", event.target.value === "kept");
  blocks.closeNote();
});
$("token-form").addEventListener("submit", (event) => {
  event.preventDefault();
  token = $("token").value.trim();
  ask();
});
