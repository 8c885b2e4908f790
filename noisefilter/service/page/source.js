// Where the input comes from: pasted, dropped, chosen as a file, or one of the examples.

import { count, make } from "./words.js";

const $ = (id) => document.getElementById(id);
const NAMES = "html|head|body|article|section|main|div|p|h[1-6]|a|span|table|tr|td|ul|ol|li|script|style|meta|title|link|img";
// Prose may name a tag; that it ends, has attributes or comes first is markup.
const MARKUP = new RegExp(`^\\s*<(?:!doctype|${NAMES})\\b|</(?:${NAMES})\\s*>|<(?:${NAMES})\\s+[a-z-]+\\s*=`, "i");
const SNIFFED_BYTES = 4096;

const sniff = (text) => (MARKUP.test(text) ? "html" : "text");
const kindChosen = () => document.querySelector("input[name=kind]:checked").value;

/**
 * Wires the input panel.
 * @param onSource called with `{kind, content | file, name}` once there is something to clean.
 * @param say tells the user something in one line.
 */
export function setUpSource(onSource, say) {
  let file = null; // {file, sniffed} while a file stands in for the text field
  let name = ""; // of the example whose text is in the field
  let changes = 0; // of the input
  const input = $("input");

  const found = () => (file ? file.sniffed : sniff(input.value));
  const kind = () => (kindChosen() === "auto" ? found() : kindChosen());

  /** Begins a change that takes a while; the answer tells whether it is still wanted when it is done. */
  function begin() {
    changes += 1;
    const own = changes;
    return () => own === changes;
  }

  function showKind() {
    const something = file || input.value.trim();
    $("kind-auto").textContent = something ? `Detect: ${found() === "html" ? "HTML" : "text"}` : "Detect";
    $("title-field").hidden = Boolean(something) && kind() === "html"; // a page brings its own
  }

  function submit() {
    if (file) return onSource({ kind: kind(), file: file.file, name: file.file.name });
    if (!input.value.trim()) {
      input.focus();
      return say("Nothing to clean yet: paste HTML or text, or drop a file.");
    }
    return onSource({ kind: kind(), content: input.value, name });
  }

  function setFile(given) {
    changes += 1;
    file = given;
    $("paste").hidden = Boolean(given);
    $("file-card").hidden = !given;
    if (given) {
      $("file-name").textContent = given.file.name;
      $("file-about").textContent = sizeOf(given.file.size);
    }
    showKind();
  }

  function setText(text, itsName = "") {
    setFile(null);
    input.value = text;
    name = itsName;
    showKind();
  }

  async function takeFile(given) {
    const isWanted = begin();
    let kindOfFile;
    try {
      // Reading also tells a folder from a file.
      const start = await given.slice(0, SNIFFED_BYTES).text();
      const named = /\.(x?html?|xht)$/i.test(given.name) || given.type === "text/html";
      kindOfFile = named ? "html" : sniff(start);
    } catch {
      return say("This cannot be read. Drop one HTML or text file.");
    }
    if (!isWanted()) return undefined;
    setFile({ file: given, sniffed: kindOfFile });
    return submit();
  }

  $("form").addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  $("form").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit();
  });
  $("kind").addEventListener("change", showKind);
  input.addEventListener("input", () => {
    changes += 1;
    name = "";
    showKind();
  });
  input.addEventListener("paste", () => {
    // Only a paste that fills the field: one in the middle of a text is an edit.
    if (!input.value) setTimeout(submit);
  });
  $("file").addEventListener("change", () => {
    if ($("file").files.length) takeFile($("file").files[0]);
    $("file").value = ""; // the same file can be chosen again
  });
  $("file-remove").addEventListener("click", () => {
    setText("");
    input.focus();
  });
  setUpDrop(takeFile, (text) => {
    setText(text);
    submit();
  });
  setUpExamples(begin, (text, example) => {
    document.querySelector("input[name=kind][value=auto]").checked = true;
    setText(text, example.file);
    submit();
  }, say);
  showKind();
}

function setUpDrop(onFile, onText) {
  const overlay = $("drop-here");
  let inside = 0; // dragenter and dragleave come for every element on the way
  const show = (depth) => {
    inside = Math.max(0, depth);
    overlay.hidden = !inside;
  };
  let own = false; // a selection or a link of this page is dragged, which is no new input
  addEventListener("dragstart", () => (own = true));
  addEventListener("dragend", () => (own = false));
  const carriesFile = (event) => !own && event.dataTransfer?.types.includes("Files");
  // A field takes text where it is dropped.
  const isLeftAlone = (event) => own || (!carriesFile(event) && event.target.closest?.("input, textarea"));
  addEventListener("dragenter", (event) => carriesFile(event) && show(inside + 1));
  addEventListener("dragleave", (event) => carriesFile(event) && show(inside - 1));
  addEventListener("dragover", (event) => isLeftAlone(event) || event.preventDefault());
  addEventListener("drop", (event) => {
    if (isLeftAlone(event)) return;
    const [file] = event.dataTransfer.files;
    event.preventDefault(); // a browser would leave the page for the file
    show(0);
    const text = event.dataTransfer.getData("text/plain");
    if (file) onFile(file);
    else if (text.trim()) onText(text);
  });
}

async function setUpExamples(begin, onExample, say) {
  let examples;
  try {
    examples = await (await fetch("page/examples/index.json")).json();
  } catch {
    return; // without examples the page still works
  }
  for (const example of examples) {
    const button = make(
      "button",
      { type: "button" },
      make("strong", {}, example.name),
      make("span", {}, example.about),
      make("small", {}, `${example.kind === "html" ? "HTML" : "Text"} · ${example.language}`),
    );
    button.addEventListener("click", async () => {
      const isWanted = begin();
      try {
        const answer = await fetch(`page/examples/${example.file}`);
        if (!answer.ok) throw new Error(String(answer.status));
        const text = await answer.text();
        if (isWanted()) onExample(text, example);
      } catch {
        if (isWanted()) say("This example cannot be loaded.");
      }
    });
    $("example-list").append(make("li", {}, button));
  }
  $("examples").hidden = false;
}

export function sizeOf(bytes) {
  if (bytes < 1000) return count(bytes, "byte");
  return bytes < 1e6 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
