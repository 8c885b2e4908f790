// The matching curl command and Python call, quoted so that any input can be pasted into a shell.

import { endpoint, queryOf } from "./api.js";

// Longer input stands in a file of that name: nobody reads a command of ten thousand characters.
const INLINE_CHARACTERS = 400;

/** For POSIX shells: nothing is special between single quotes but the single quote. */
export const shell = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** A Python string literal; control characters, lone surrogates and other invisible ones are escaped. */
export function python(text) {
  const escaped = text.replace(/["\\]|[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => {
    if (character === '"' || character === "\\") return `\\${character}`;
    if (character === "\n") return "\\n";
    const code = character.codePointAt(0).toString(16);
    return code.length > 4 ? `\\U${code.padStart(8, "0")}` : `\\u${code.padStart(4, "0")}`;
  });
  return `"${escaped}"`;
}

/** Both calls, and the name under which the input must be saved first, if it must. */
export function callsFor(source, options, hasToken) {
  const inline = !source.file && source.content.length <= INLINE_CHARACTERS;
  const fallback = source.kind === "html" ? "page.html" : "article.txt";
  const name = (source.name || fallback).replaceAll("\0", "");
  // curl and other programs take a lone or leading dash for something else.
  const path = name.startsWith("-") ? `./${name}` : name;
  return {
    curl: curlCall(source, options, hasToken, inline, path),
    python: pythonCall(source, options, inline, path),
    save: inline || source.file ? null : name,
  };
}

function curlCall(source, options, hasToken, inline, path) {
  const type = inline ? "application/json" : source.kind === "html" ? "text/html" : "text/plain; charset=utf-8";
  const address = endpoint() + (inline ? "" : queryOf(options));
  const lines = [`curl -sS ${shell(address)}`, `-H ${shell(`Content-Type: ${type}`)}`];
  if (hasToken) lines.push('-H "Authorization: Bearer $NOISEFILTER_TOKEN"');
  lines.push(
    inline
      ? `--data-raw ${shell(JSON.stringify({ [source.kind]: source.content, ...options }))}`
      : `--data-binary ${shell(`@${path}`)}`,
  );
  return lines.join(" \\\n  ");
}

function pythonCall(source, options, inline, path) {
  const literal = (value) => (Array.isArray(value) ? `[${value.map(python).join(", ")}]` : python(value));
  // Text of a file is decoded as the service does it: it may be in any encoding. What the page saves is UTF-8.
  const decodes = Boolean(source.file) && source.kind === "text";
  const read = source.kind === "html" || decodes ? "read_bytes()" : 'read_text(encoding="utf-8")';
  const bytes = `Path(${python(path)}).${read}`;
  const input = inline ? python(source.content) : decodes ? `decode_text(${bytes})` : bytes;
  const extra = Object.entries(options).map(([name, value]) => `    ${name}=${literal(value)},\n`);
  const call = source.kind === "html" ? "clean" : "clean_text";
  const head = (inline ? "" : "from pathlib import Path\n\n") + "import noisefilter\n"
    + (decodes ? "from noisefilter.intake import decode_text\n" : "");
  return `${head}\narticle = noisefilter.${call}(\n    ${input},\n${extra.join("")})\nprint(article.text)\n`;
}
