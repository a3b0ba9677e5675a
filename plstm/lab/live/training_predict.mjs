// Predict first: who will be ahead? The reader says so before the networks run, and is told afterwards.

import { element } from "./controls.mjs";
import { VERDICT } from "./trainer_loop.mjs";

/** The answers to choose from. @type {Record<string, string>} */
const ANSWERS = { lstm: "LSTM", phased: "Phased LSTM", neither: "neither" };
/** Ahead is who has the smaller loss by this share of a guess's. */
const CLEAR = 0.1;
const FURTHER = "Other settings, or other weights, may end otherwise.";

/**
 * @param {Train.Test} test
 * @param {number} guess
 */
export function ahead({ loss }, guess) {
  const apart = loss.lstm - loss.phased;
  if (Math.abs(apart) < CLEAR * guess) return "neither";
  return apart > 0 ? "phased" : "lstm";
}

/**
 * The question, and what is said about its answer.
 * @param {string} id
 */
export function prediction(id) {
  /** @type {Record<string, HTMLInputElement>} */
  const inputs = {};
  const options = Object.entries(ANSWERS).map(([value, words]) => {
    inputs[value] = element("input", { type: "radio", name: `${id}-ahead`, value });
    return element("label", { className: "plstm-option" }, inputs[value], ` ${words}`);
  });
  const legend = element("legend", {}, `Predict first: who will be ahead after ${VERDICT} updates?`);
  const told = element("p", { className: "plstm-verdict" });
  const node = element("fieldset", { className: "plstm-predict" }, legend, ...options, told);
  const said = () => Object.keys(inputs).find((value) => inputs[value].checked) ?? "";

  /** A new run: nothing is known of it. */
  function forget() {
    for (const input of Object.values(inputs)) [input.checked, input.disabled] = [false, false];
    told.textContent = "";
  }

  /** The same run once more: what was said stays. */
  function again() {
    for (const input of Object.values(inputs)) input.disabled = false;
    told.textContent = "";
  }

  /**
   * @param {Train.Test} test
   * @param {number} guess
   */
  function reveal(test, guess) {
    const truth = ahead(test, guess);
    const mine = said();
    const result = truth === "neither" ? "Neither is clearly ahead" : `The ${ANSWERS[truth]} is ahead`;
    const verdict = mine === "" ? "" : mine === truth ? " You said so." : ` You said: ${ANSWERS[mine]}.`;
    for (const input of Object.values(inputs)) input.disabled = true;
    told.textContent = `${result}: on sequences never learned from, the loss is ${test.loss.lstm.toFixed(2)} for the LSTM and ` +
      `${test.loss.phased.toFixed(2)} for the Phased LSTM (a guess: ${guess.toFixed(2)}).${verdict} ${FURTHER}`;
  }

  return { node, forget, again, reveal, told: () => told.textContent };
}
