// What the API's closed sets of words mean to a reader. Tests compare them with the library's and with /v1/labels,
// which the page cannot ask before it has the token.

export const LABELS = {
  content: "what the author wrote for the reader",
  title: "the page's own headline",
  byline: "author, desk or the author's biography",
  date: "time of publication or update, reading time",
  caption: "caption or credit of a picture",
  ad: "advertisement, sponsored or injected line",
  spam: "casino, loans, pharmacy, stuffed keywords",
  related: "read also, teasers of other pages",
  cta: "newsletter, app, follow us, donate",
  share: "share buttons, likes and views",
  nav: "menus, breadcrumbs, page numbers",
  consent: "cookie notice, login wall, paywall",
  legal: "copyright, terms, imprint",
  tags: "list of topics or keywords",
  source: "source link, agency credit",
  comment: "readers' comments and their form",
};

export const POLICIES = {
  precision: "Drops more. Little noise stays, some content may go.",
  balanced: "The default. Drops noise and spares what may be content.",
  recall: "Keeps more. Little content goes, some noise may stay.",
};

export const REASONS = {
  content: "The model takes it for content.",
  recovered: "Extraction left it out; the model is sure that it is content.",
  treatment: "Noise, but the policy keeps blocks of this label.",
  budget: "Noise, but dropping it would have removed too much of the page.",
  keep_rule: "Your rule keeps it.",
  drop_rule: "Your rule drops it.",
  noise: "Its chance of being noise is over the policy's threshold.",
  not_extracted: "Extraction left it out, and the model is not sure enough to put it back.",
};

export const FLAGS = {
  empty: "No article was found.",
  paywall: "A paywall or login wall may hide the rest.",
  consent: "The page holds a cookie or privacy notice.",
  spam: "There is spam in or right beside the article, or hidden spam.",
  hidden_text: "Text that the page hides was kept, or is spam.",
  removal_budget: "Some noise was kept, because too much would have gone.",
  long: "A very long page: only what is surely noise was dropped.",
  deep: "Elements are nested very deep.",
  low_quality: "Much of the text may be noise.",
};

/** The entry's meaning; the bare word where a newer server sends one that this page does not know. */
export const meaning = (words, key) => (Object.hasOwn(words, key) ? words[key] : String(key));

export const percent = (share) => `${Math.round(share * 100)}%`;

export const count = (n, one, many = `${one}s`) => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;

/** An element with attributes and children. Strings become text nodes: nothing here is ever parsed as HTML. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}
