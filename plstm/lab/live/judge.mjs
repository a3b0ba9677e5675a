// Judges an exercise's answer as the check in Python does. Most rules come with the page as data (exercises/rule.py);
// those that compute something are here once more. tests/lab/exercises compares both on the same answers.

import { gate, linspace, range } from "./equations.mjs";

/** @type {(message: string) => Ask.Verdict} */
const right = (message) => ({ right: true, message });
/** @type {(message: string) => Ask.Verdict} */
const wrong = (message) => ({ right: false, message });

/**
 * Six digits at most, as Python's format "g" writes a number.
 * @param {number} value
 */
function short(value) {
  const [digits, power] = value.toExponential(5).split("e");
  if (Number(power) >= -4 && Number(power) < 6) return String(Number(value.toPrecision(6)));
  return `${Number(digits)}e${power[0]}${power.slice(1).padStart(2, "0")}`;
}

/** @type {(a: number, b: number, limit: number) => boolean} */
const near = (a, b, limit) => Math.abs(a - b) <= limit;

/** @param {number} shift */
function awake(shift) {
  const best = Math.max(...range(1000, (t) => gate(t, { period: 10, shift, ratio_on: 0.05 })));
  if (best > 1 - 1e-6) return right("A whole number now falls on the middle of the window, in every period.");
  return wrong(`Over t = 0, 1, 2, ... its largest openness is ${best.toFixed(2)}. ` +
    "Where is the peak of the window, and which t meets it?");
}

/**
 * @param {number} period
 * @param {number} shift
 * @param {number} ratioOn
 */
function officeHours(period, shift, ratioOn) {
  if (period <= 0) return wrong(`No gate can do that: expected period > 0, got ${short(period)}.`);
  if (ratioOn <= 0 || ratioOn > 1) return wrong(`No gate can do that: expected 0 < ratio_on <= 1, got ${short(ratioOn)}.`);
  if (!near(period, 24, 1e-6)) {
    return wrong(`It comes back every ${short(period)} hours. How many hours are there from one morning to the next?`);
  }
  /** @param {number} hours */
  const clock = (hours) => hours - 24 * Math.floor(hours / 24);
  if (!near(clock(shift - 9 + 12), 12, 1e-6)) {
    return wrong(`It begins to open at ${short(clock(shift))} o'clock. The shift is where the window starts.`);
  }
  if (!near(ratioOn, 1 / 24, 1e-4)) {
    return wrong(`It stays open for ${(24 * ratioOn).toFixed(1)} hours. Which part of a day is an hour?`);
  }
  return right("One hour a day, at nine, for ever, without counting samples.");
}

/** @param {number[]} shifts */
function quadrature(shifts) {
  if (shifts.length !== 4) return wrong(`Expected four shifts, got ${shifts.length}.`);
  const times = range(1200, (i) => i / 100);
  const weights = shifts.map((shift) => {
    const k = times.map((t) => gate(t, { period: 12, shift, ratio_on: 0.2 }));
    const sum = k.reduce((a, b) => a + b);
    return k.map((each) => each / sum);
  });
  const heard = linspace(0, 2 * Math.PI, 49).slice(0, 48).map((angle) => {
    const sine = times.map((t) => Math.sin((2 * Math.PI * t) / 12 - angle));
    const y = weights.map((each) => each.reduce((sum, weight, i) => sum + weight * sine[i], 0));
    return Math.hypot(y[0] - y[2], y[1] - y[3]);
  });
  const [low, high] = [Math.min(...heard), Math.max(...heard)];
  if (high < 0.1) return wrong("Nothing is heard: the units that are subtracted hear the same.");
  if (low < 0.1) {
    return wrong("At some phases hardly anything is left. The two differences should be a quarter period apart.");
  }
  if (high - low > 0.02 * high) {
    return wrong("It is heard at every phase, but not equally well. Within each pair, shifts should be half a period apart.");
  }
  return right("A cosine and a sine, made of four windows. The constant cancels in the differences.");
}

/** @param {number[]} times */
function twinTimes(times) {
  const first = [1, 2.5, 4];
  if (times.length !== 3) return wrong(`Expected three times, got ${times.length}.`);
  if (times.every((t, i) => near(t, first[i], 1e-4))) {
    return wrong("At the same times the slower sine is not as far in its period.");
  }
  if (times.every((t, i) => near(t, (first[i] * 5) / 8, 1e-2))) {
    return wrong("A longer period needs more time for the same part of it, not less.");
  }
  if (times.some((t, i) => i > 0 && t <= times[i - 1])) return wrong("The readings come in order: the times must ascend.");
  /** @type {(t: number, period: number) => number} */
  const sine = (t, period) => Math.sin((2 * Math.PI * t) / period);
  if (!times.every((t, i) => near(sine(t, 8), sine(first[i], 5), 1e-2))) {
    return wrong("Each reading belongs to a part of the period: t / 5 there, t / 8 here.");
  }
  return right("Same readings, same order, other times. Without the times the two are one series.");
}

/** @param {string[]} letters */
function visibleChanges(letters) {
  for (const letter of "abcd") {
    if (letters.includes(letter) !== "bc".includes(letter)) {
      return wrong(`About (${letter}): write down the list of values before and after. Is there any difference?`);
    }
  }
  return right("The network gets a list of values. It cannot see a change that leaves the list the same.");
}

/** @type {Record<string, (...answers: any[]) => Ask.Verdict>} */
const COMPUTED = {
  check_awake: awake,
  check_office_hours: officeHours,
  check_quadrature: quadrature,
  check_twin_times: twinTimes,
  check_visible_changes: visibleChanges,
};

/**
 * The verdict on the answers to a question: one for each of its fields, a number, a list of numbers or of letters.
 * @param {Ask.Question} question
 * @param {any[]} answers
 * @returns {Ask.Verdict}
 */
export function verdict({ check, kind, cases, hint = "" }, answers) {
  if (!cases) return COMPUTED[check](...answers);
  /** @type {number[]} */
  const given = kind === "list" ? [...answers[0]].sort((a, b) => a - b) : answers;
  const found = cases.find(({ values, tolerances }) => values.length === given.length &&
    values.every((value, i) => value === null || near(given[i], value, tolerances[i])));
  return found ?? wrong(hint);
}
