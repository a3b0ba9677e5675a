// The part of the address after #, where figures keep their state: #gate.period=7.5&gate.t=3&memory.forget=0.9

/**
 * The texts by figure and name; whatever it cannot read it leaves out.
 * @param {string} fragment
 */
export function readFragment(fragment) {
  /** @type {Record<string, Record<string, string>>} */
  const found = {};
  for (const part of fragment.replace(/^#/, "").split("&")) {
    const match = part.match(/^([\w-]+)\.(\w+)=(.*)$/);
    if (match) {
      let text = match[3];
      try { text = decodeURIComponent(text); } catch { continue; }
      (found[match[1]] ??= {})[match[2]] = text;
    }
  }
  return found;
}

/** @param {Record<string, Live.Values>} all */
export function writeFragment(all) {
  const parts = Object.entries(all).flatMap(([figure, values]) =>
    Object.entries(values).map(([name, value]) => `${figure}.${name}=${encodeURIComponent(value)}`));
  return `#${parts.join("&")}`;
}
