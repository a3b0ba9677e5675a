// Reads a number as people write it, and works out a formula such as 1 - 0.5^(1/6000): a page has no other calculator.

/** @type {Record<string, (value: number) => number>} */
const FUNCTIONS = { sqrt: Math.sqrt, ln: Math.log, log: Math.log, exp: Math.exp };
/** @type {Record<string, number>} */
const NAMES = { pi: Math.PI, "π": Math.PI, e: Math.E };
const TOKEN = /\s*(?:(\d[\d_]*(?:,\d{3})*(?:\.\d*)?(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?)|([a-zπ]+)|(\*\*|[-+*/^()%]))/iy;

/**
 * The numbers, names and signs of a text; null where something else stands in it.
 * @param {string} text
 */
function tokens(text) {
  const plain = text.trim().replaceAll("−", "-").replaceAll(/[×·]/g, "*").replaceAll(/(\d)[ \u00a0\u202f](?=\d{3}\b)/g, "$1");
  const found = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < plain.length) {
    const match = TOKEN.exec(plain);
    if (!match) return null;
    found.push(match[1]?.replaceAll(/[_,]/g, "") ?? match[2]?.toLowerCase() ?? match[3]);
  }
  return found;
}

/**
 * What a text says as a number; NaN where it says none.
 * @param {string} text
 */
export function calculated(text) {
  const all = tokens(text);
  if (!all?.length) return NaN;
  let place = 0;
  /** @param {...string} signs */
  const takes = (...signs) => (signs.includes(all[place]) ? all[place++] : "");

  /** @returns {number} */
  function sum() {
    let value = product();
    for (let sign = takes("+", "-"); sign; sign = takes("+", "-")) value += sign === "+" ? product() : -product();
    return value;
  }

  /** @returns {number} */
  function product() {
    let value = signed();
    for (let sign = takes("*", "/"); sign; sign = takes("*", "/")) value = sign === "*" ? value * signed() : value / signed();
    return value;
  }

  /** @returns {number} */
  function signed() {
    if (takes("-")) return -signed();
    return takes("+") ? signed() : power();
  }

  /** @returns {number} */
  function power() {
    const base = atom();
    const value = takes("%") ? base / 100 : base;
    return takes("^", "**") ? value ** signed() : value;
  }

  /** @returns {number} */
  function atom() {
    const token = all?.[place++] ?? "";
    if (token === "(") return bracketed();
    if (Object.hasOwn(FUNCTIONS, token)) return takes("(") ? FUNCTIONS[token](bracketed()) : NaN;
    if (Object.hasOwn(NAMES, token)) return NAMES[token];
    return /^[\d.]/.test(token) ? Number(token) : NaN;
  }

  function bracketed() {
    const value = sum();
    return takes(")") ? value : NaN;
  }

  const value = sum();
  return place === all.length && Number.isFinite(value) ? value : NaN;
}
