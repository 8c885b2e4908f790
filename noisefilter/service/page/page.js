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
let shown = null; // the last answer, and what it answers: {article, source, options, calls}
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

function sayNoMore() {
  $("status").textContent = "";
  $("status").classList.remove("shown");
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
}

function showResult(answer, chosen) {
  shown = { article: answer, source, options: chosen, calls: callsFor(source, chosen, Boolean(token)) };
  const asked = ["problem", "token-form"].some((id) => $(id).contains(document.activeElement));
  $("problem").hidden = true;
  $("token-form").hidden = true;
  $("skip").hidden = false;
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
  showCalls();
  const kept = answer.blocks.filter((block) => block.kept).length.toLocaleString("en");
  const now = `${kept} of ${count(answer.blocks.length, "block")} kept.`;
  if (asked) $("result-title").focus({ preventScroll: true }); // what had the focus is gone
  if (first || changed === null) {
    $("source").classList.remove("fresh");
    $("source").classList.add("done");
    $("result-title").focus({ preventScroll: true });
    scrollTo({ top: 0 });
    say(now);
  } else if (changed) say(`${count(changed, "block")} changed: ${now}`);
  else say(`No change: ${now}`);
}

function showCalls() {
  const { calls } = shown;
  $("curl").textContent = calls.curl;
  $("python").textContent = calls.python;
  $("save").hidden = !calls.save;
  if (calls.save) $("calls-about").textContent = `The input is too long for a command line: save it as ${calls.save} first.`;
  else if (shown.source.file) $("calls-about").textContent = `Run them in the folder that holds ${shown.source.name}.`;
  else $("calls-about").textContent = "What you see above, from a shell or from your own code.";
}

/** Hands out the input under the name by which the calls know it. */
function save() {
  const link = make("a", { href: URL.createObjectURL(new Blob([shown.source.content])), download: shown.calls.save });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the download may not have begun yet
}

function showProblem(error) {
  const known = error instanceof Problem;
  const refused = error.status === 401; // the service speaks of headers, which are not the user's
  const box = $("problem");
  const asked = box.contains(document.activeElement);
  sayNoMore();
  $("token-form").hidden = !refused;
  if (refused) {
    $("token").focus();
    $("token").select();
    if (!token) {
      box.hidden = true;
      return; // the field says it all
    }
  }
  const title = refused ? "This token is not the right one" : known ? error.title : "The page failed";
  const detail = refused ? "Check it, and try it again." : known ? error.detail : String(error.message);
  box.replaceChildren(make("strong", {}, title || "The service refused this"), make("p", {}, detail));
  // The service repeats the detail for the field where there is only one.
  const lines = known ? error.errors.filter((line) => !line.endsWith(detail)) : [];
  if (lines.length) box.append(make("ul", {}, ...lines.map((line) => make("li", {}, line))));
  if (shown) box.append(make("p", {}, make("small", {}, "Below is the last result, from before this.")));
  if (!error.lasting) {
    const again = make("button", { type: "button", class: "quiet" }, "Try again");
    again.addEventListener("click", ask);
    box.append(again);
  }
  box.hidden = false;
  if (asked) (box.querySelector("button") ?? box).focus();
  $("result").classList.add("stale");
  if ($("source").classList.contains("fresh")) $("source").classList.remove("done"); // so that it can be changed
}

/** Of what is shown, even if something else has been asked for since. */
async function textFor(what) {
  if (what === "text") return shown.article.text;
  if (what === "json") return `${JSON.stringify(shown.article, null, 2)}\n`;
  if (what === "curl" || what === "python") return shown.calls[what];
  const answer = await clean(shown.source, shown.options, { format: "markdown", token });
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
$("save").addEventListener("click", save);
$("view").addEventListener("change", (event) => blocks.showKeptOnly(event.target.value === "kept"));
$("token-form").addEventListener("submit", (event) => {
  event.preventDefault();
  token = $("token").value.trim();
  ask();
});
