// Two networks that learn the same task from the same sequences: one update after another, in pieces of a few
// milliseconds, so that whoever runs them can look up in between.

import { adam, crossEntropy, squaredError } from "./trainer_optimiser.mjs";
import { initialise } from "./trainer_initial.mjs";
import { network, rhythmOf } from "./trainer_network.mjs";
import { isRight, source, stepsOf, TASKS, withGaps } from "./trainer_tasks.mjs";

export const BATCH = 32;
/** So many sequences are never learned from; the networks answer them every so many updates. */
const TESTED = 128;
const TEST_EVERY = 50;
const PERIODS_EVERY = 10;
/** @type {Train.Name[]} */
export const NAMES = ["lstm", "phased"];

/**
 * @param {Train.Settings} settings
 * @param {Train.Digits | null} digits
 * @returns {Train.Run}
 */
export function makeRun(settings, digits = null) {
  const { features, outputs, guess } = TASKS[settings.task];
  const steps = stepsOf(settings.task, settings.steps);
  const data = source(settings.task, steps, settings.seed, TESTED, digits);
  const score = outputs === 1 ? squaredError : crossEntropy;
  const slopes = new Float64Array(outputs);
  const learned = settings.gate === "learned";
  const told = settings.gaps === "yes";
  const learners = NAMES.map((name) => {
    const phased = name === "phased";
    const more = told && !phased ? 1 : 0;
    const net = network({ units: settings.units, features: features + more, outputs, phased }, steps);
    initialise(net, {
      seed: settings.seed, shared: features, chrono: !phased && settings.biases === "chrono" ? steps : 0,
      periods: [Math.min(settings.shortest, settings.longest), Math.max(settings.shortest, settings.longest)],
      ratioOn: settings.ratio_on, spread: settings.shifts === "spread",
    });
    /** @param {Train.Sequence} sequence */
    const seen = (sequence) => (more ? withGaps(sequence, features) : sequence);
    return { name, net, optimiser: adam(net.parameters, net.gradient), seen, phased };
  });
  let updates = 0;
  /** @type {Train.Test | null} */
  let lastTest = null;

  const finite = () => learners.find(({ net }) => !net.parameters.every(Number.isFinite))?.name ?? null;

  /** One update of both networks; gives way after every sequence, and answers with what came of it. */
  function* update() {
    const batch = Array.from({ length: BATCH }, data.next);
    /** @type {Train.Point} */
    const point = { update: updates + 1, loss: { lstm: 0, phased: 0 }, right: { lstm: 0, phased: 0 } };
    for (const { name, net, optimiser, seen, phased } of learners) {
      for (const sequence of batch) {
        const read = seen(sequence);
        const answers = net.forward(read, settings.leak);
        point.right[name] += (isRight(answers, read.target) ? 1 : 0) / BATCH;
        point.loss[name] += score(answers, read.target, slopes) / BATCH;
        net.backward(read, slopes, { rhythm: phased && learned });
        yield null;
      }
      optimiser.step(BATCH, settings.rate, settings.clip);
      net.refresh();
    }
    updates += 1;
    if (updates % TEST_EVERY === 0) point.test = yield* test();
    if (updates === 1 || updates % PERIODS_EVERY === 0) point.periods = rhythmOf(learners[1].net.shape, learners[1].net.parameters).period;
    const broken = finite();
    if (broken) point.broken = broken;
    return point;
  }

  /** Both networks answer the sequences that are never learned from, without the leak. */
  function* test() {
    /** @type {Train.Test} */
    const found = { update: updates, loss: { lstm: 0, phased: 0 }, right: { lstm: 0, phased: 0 } };
    for (const { name, net, seen } of learners) {
      for (const sequence of data.test) {
        const answers = net.forward(seen(sequence), 0);
        found.right[name] += (isRight(answers, sequence.target) ? 1 : 0) / data.test.length;
        found.loss[name] += score(answers, sequence.target, slopes) / data.test.length;
        yield null;
      }
    }
    return (lastTest = found);
  }

  /**
   * What both networks make of one of the held-back sequences as they read it, and how their gradient gets back.
   * @param {number} place
   * @returns {Train.Look}
   */
  function look(place) {
    const sequence = data.test[place % data.test.length];
    const views = learners.map(({ net, seen }) => {
      const read = seen(sequence);
      score(net.forward(read, 0), sequence.target, slopes);
      const lags = new Float64Array(steps + 1);
      const answers = Array.from({ length: steps + 1 }, (_, step) => [...net.answersAt(step)]);
      net.backward(read, slopes, { lags });
      net.gradient.fill(0);
      return { answers, lags };
    });
    const [, { net }] = learners;
    return {
      sequence, features, views: { lstm: views[0], phased: views[1] }, rhythm: rhythmOf(net.shape, net.parameters),
    };
  }

  return { update, test, look, guess, steps, held: data.test.length, lastTest: () => lastTest, updates: () => updates, learners };
}

/**
 * Runs a generator to its end.
 * @template T
 * @param {Generator<null, T, unknown>} parts
 */
export function whole(parts) {
  for (;;) {
    const { done, value } = parts.next();
    if (done) return /** @type {T} */ (value);
  }
}
