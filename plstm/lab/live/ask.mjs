// Questions on a page, answered there without a kernel: exercises, whose answers are judged, and predictions, which are
// followed by what is true. Each stands as <div class="plstm-ask" data-ask="JSON">; without scripts its markup stays.

import { curve } from "./ask_curve.mjs";
import { calculated } from "./calculator.mjs";
import { element } from "./controls.mjs";
import { apart } from "./guess.mjs";
import { verdict } from "./judge.mjs";

const NUMBER = "A number, or a formula such as 1 - 0.5^(1/60).";
const LIST = "Numbers with commas between them; each may be a formula such as 5/8.";
const EMPTY = "Type an answer first.";

let made = 0;

/**
 * A line to type into, with its label.
 * @param {string} words
 * @param {string} id
 * @param {string} help the element that says how to write it
 */
function line(words, id, help) {
  const input = element("input", { type: "text", id, autocomplete: "off", spellcheck: false, "aria-describedby": help });
  return { input, node: element("span", { className: "plstm-ask-line" }, element("label", { for: id }, words), " ", input) };
}

/**
 * Boxes to tick, or buttons of which one is chosen.
 * @param {"checkbox" | "radio"} type
 * @param {Record<string, string>} all
 * @param {string} id
 * @param {string} words
 */
function choices(type, all, id, words) {
  const inputs = Object.keys(all).map((value) => element("input", { type, value, name: id }));
  const labels = inputs.map((input) => element("label", {}, input, ` ${all[input.value]}`));
  const node = element("fieldset", {}, element("legend", { className: "plstm-ask-hidden" }, words), ...labels);
  return { node, chosen: () => inputs.filter((input) => input.checked).map((input) => input.value) };
}

/**
 * The numbers of a text with commas, or NaN for a part that is none.
 * @param {string} text
 */
const list = (text) => text.replace(/^\s*\[|\]\s*$/g, "").split(/[,;]/).map(calculated);

/**
 * A form around some nodes, a button, and what is said below it. ``answered()`` gives what to say, and whether it is good.
 * @param {string} title
 * @param {Node[]} nodes
 * @param {string} button
 * @param {() => { words: string, mark: string }} answered
 */
function form(title, nodes, button, answered) {
  const said = element("p", { className: "plstm-ask-said", role: "status" });
  const whole = element("form", { noValidate: true, "aria-label": title }, ...nodes, element("button", { type: "submit" }, button), said);
  whole.addEventListener("submit", (event) => {
    event.preventDefault();
    const { words, mark } = answered();
    // What is said once more is read aloud once more.
    said.textContent = "";
    requestAnimationFrame(() => { said.textContent = words; });
    whole.dataset.mark = mark;
  });
  return whole;
}


/**
 * An exercise: its fields, and the verdict on what stands there.
 * @param {Ask.Question} question
 */
function exercise(question) {
  const id = `plstm-ask-${++made}`;
  /** @param {any[]} answers */
  const judged = (answers) => {
    const { right, message } = verdict(question, answers);
    return { words: `${right ? "Right." : "Not yet."} ${message}`, mark: right ? "right" : "wrong" };
  };
  if (question.kind === "letters") {
    const { node, chosen } = choices("checkbox", { a: "(a)", b: "(b)", c: "(c)", d: "(d)" }, id, "Your answer");
    return form(question.title, [node], "Check", () => judged([chosen()]));
  }
  const listed = question.kind === "list";
  const help = element("small", { id: `${id}-help` }, listed ? LIST : NUMBER);
  const single = question.fields.length === 1;
  const lines = question.fields.map((field, i) => line(single ? "Your answer" : field.replaceAll("_", " "), `${id}-${i}`, help.id));
  return form(question.title, [...lines.map(({ node }) => node), help], "Check", () => {
    const texts = lines.map(({ input }) => input.value);
    if (texts.some((text) => !text.trim())) return { words: EMPTY, mark: "" };
    const numbers = texts.map((text) => (listed ? list(text) : [calculated(text)]));
    const wrong = numbers.findIndex((all) => all.some(Number.isNaN));
    if (wrong >= 0) return { words: `Expected ${listed ? "numbers" : "a number"}, got “${texts[wrong].trim()}”.`, mark: "" };
    return judged(listed ? numbers : numbers.flat());
  });
}

/**
 * A prediction of a number: what was said, what it is, and how far off.
 * @param {Ask.Prediction} asked
 */
function guess({ title, answer, unit, shown, why }) {
  const id = `plstm-ask-${++made}`;
  const help = element("small", { id: `${id}-help` }, "A number. A rough guess will do.");
  const { input, node } = line(unit ? `Your guess, in ${unit}` : "Your guess", `${id}-0`, help.id);
  return form(title, [node, help], "Compare", () => {
    const text = input.value.replace(/%\s*$/, "");
    const value = calculated(text);
    if (!text.trim()) return { words: EMPTY, mark: "" };
    if (Number.isNaN(value)) return { words: `Expected a number, got “${text.trim()}”.`, mark: "" };
    return { words: `It is ${shown}: ${apart(value, answer, unit)}. ${why}`, mark: "told" };
  });
}

/**
 * A prediction with options to choose from.
 * @param {Ask.Prediction} asked
 */
function choose({ title, options, answer, why }) {
  const numbered = Object.fromEntries(options.map((words, i) => [String(i), words]));
  const { node, chosen } = choices("radio", numbered, `plstm-ask-${++made}`, title);
  return form(title, [node], "Compare", () => {
    const [mine] = chosen();
    if (mine === undefined) return { words: "Choose an answer first.", mark: "" };
    const found = Number(mine) === answer ? "You said so" : "It is another answer";
    return { words: `${found}: ${options[answer]}. ${why}`, mark: "told" };
  });
}

/**
 * A prediction of a curve.
 * @param {Ask.Curve} asked
 */
function sketch(asked) {
  const { nodes, compare } = curve(asked, `plstm-ask-${++made}`);
  return form(asked.title, nodes, "Compare", compare);
}

const KINDS = { number: exercise, list: exercise, letters: exercise, guess, choose, curve: sketch };

/**
 * Gives a question its form, in place of the answer that was folded away.
 * @param {HTMLElement} place
 */
export function mount(place) {
  const asked = JSON.parse(place.dataset.ask ?? "{}");
  if (!Object.hasOwn(KINDS, asked.kind) || place.querySelector("form")) return;
  /** @type {(asked: any) => HTMLElement} */
  const make = KINDS[/** @type {keyof typeof KINDS} */ (asked.kind)];
  place.append(make(asked));
}

for (const place of document.querySelectorAll(".plstm-ask")) if (place instanceof HTMLElement) mount(place);
