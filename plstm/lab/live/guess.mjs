// How far a guess is from the truth, in words.

import { number } from "./equations.mjs";

/** @param {number} value */
const rounded = (value) => number(Number(value.toPrecision(2)));

/**
 * @param {number} guess
 * @param {number} answer
 * @param {string} unit
 */
export function apart(guess, answer, unit) {
  const off = Math.abs(guess - answer);
  if (off <= 0.03 * Math.abs(answer)) return "your guess is as good as exact";
  const side = guess > answer ? "too high" : "too low";
  if (unit === "%") return `your guess is ${rounded(off)} points ${side}`;
  const ratio = guess / answer;
  if (answer > 0 && ratio > 2) return `your guess is ${rounded(ratio)} times too large`;
  if (answer > 0 && ratio > 0 && ratio < 0.5) return `your guess is ${rounded(1 / ratio)} times too small`;
  return `your guess is ${rounded(off)}${unit ? ` ${unit}` : ""} ${side}`;
}
