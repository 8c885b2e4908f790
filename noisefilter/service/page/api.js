// Asks the service. Addresses are relative, so that the page also works below a path of a proxy.

/** What the service, or the network, said instead of an article. */
export class Problem extends Error {
  /** @param lasting whether the same request would fail again. */
  constructor({ status = 0, title = "", detail = "", errors = [], lasting = [400, 401, 413, 415, 422].includes(status) }) {
    super(detail || title);
    Object.assign(this, { status, title, detail, errors, lasting });
  }
}

/** The caller's options, without those at their defaults. Files take them in the query, the rest in JSON. */
export function optionsOf({ policy, keep, drop, title, url }) {
  const options = {};
  if (policy !== "balanced") options.policy = policy;
  if (keep.length) options.keep = keep;
  if (drop.length) options.drop = drop;
  if (title) options.title = title;
  if (url) options.url = url;
  return options;
}

export function queryOf(options) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(options)) {
    for (const one of Array.isArray(value) ? value : [value]) query.append(name, one);
  }
  const text = query.toString();
  return text ? `?${text}` : "";
}

export const endpoint = () => new URL("v1/clean", document.baseURI).href.replace(/[?#].*/, "");

/**
 * Cleans the source.
 * @param source `{kind, content}` with the text, or `{kind, file}` whose bytes go as they are: the service
 *   knows more about encodings than the browser tells.
 */
export async function clean(source, options, { explain, format, token, signal }) {
  const extra = { ...options };
  if (explain) extra.explain = true;
  if (format) extra.format = format;
  const headers = { Accept: "application/json, application/problem+json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  let address = endpoint();
  let body;
  if (source.file) {
    headers["Content-Type"] = source.kind === "html" ? "text/html" : "text/plain; charset=utf-8";
    address += queryOf(extra);
    body = source.file;
  } else {
    headers["Content-Type"] = "application/json";
    body = JSON.stringify({ [source.kind]: source.content, ...extra });
  }
  let response;
  try {
    response = await fetch(address, { method: "POST", headers, body, signal, cache: "no-store" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    if (source.file && !(await isReadable(source.file))) {
      const detail = "It was changed, moved or deleted after it was chosen. Choose it again.";
      throw new Problem({ title: "The file cannot be read any more", detail, lasting: true });
    }
    throw new Problem({ title: "No answer", detail: "The service cannot be reached. Is it still running?" });
  }
  if (response.ok) return response.json();
  throw new Problem({ ...(await problemOf(response)), status: response.status });
}

/** A browser refuses to send a file that is not what it was when it was chosen. */
async function isReadable(file) {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

async function problemOf(response) {
  const wait = response.headers.get("Retry-After");
  try {
    const said = await response.json();
    const detail = String(said.detail ?? "") + (/^\d+$/.test(wait ?? "") ? ` Try again in ${wait} s.` : "");
    const errors = (said.errors ?? []).map(({ field, message }) => (field ? `${field}: ${message}` : String(message)));
    return { title: String(said.title ?? ""), detail, errors };
  } catch (error) {
    if (error.name === "AbortError") throw error;
    // A proxy in between answers with a page of its own.
    return { title: `Error ${response.status}`, detail: "The service gave no further explanation." };
  }
}
