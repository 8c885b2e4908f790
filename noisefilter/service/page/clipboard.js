// Copying, also where the browser's clipboard is not there: on plain http it is kept back.

/** @param text a string, or the promise of one. */
export async function copy(text) {
  if (navigator.clipboard?.write && globalThis.ClipboardItem) {
    // Given the promise, the browser remembers the click that asked for it while the text is on its way.
    const blob = Promise.resolve(text).then((done) => new Blob([done], { type: "text/plain" }));
    try {
      return await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
    } catch (error) {
      await blob; // its own failure says more
      throw error;
    }
  }
  const area = document.createElement("textarea");
  area.value = await text;
  area.className = "vh";
  const before = document.activeElement;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  before?.focus({ preventScroll: true });
  if (!done) throw new Error("copying was refused");
  return undefined;
}
