// Settings to start from. Who is ahead after 200 updates was found by running them with five seeds each:
// tests/lab/live/test_trainer_presets.py has the table.

/** What differs from the defaults of the controls. @type {Record<string, { words: string, values: Live.Values }>} */
export const PRESETS = {
  sines: { words: "irregular times: which of two rhythms?", values: {} },
  turned: { words: "the same, but every sine begins anywhere", values: { task: "turned" } },
  adding: { words: "20 regular steps: add the two marked numbers", values: { task: "adding", steps: 20 } },
  first: { words: "100 steps: what was the first value?", values: { task: "first", steps: 100, ratio_on: 0.3, longest: 300 } },
  chrono: { words: "the same, and the LSTM gets chrono biases",
    values: { task: "first", steps: 100, ratio_on: 0.3, longest: 300, biases: "chrono", gaps: "no" } },
  closed: { words: "60 steps, and every gate is closed at the first",
    values: { task: "first", steps: 60, shifts: "zero", gate: "fixed", biases: "chrono", gaps: "no" } },
  digits: { words: "real digits, pixel by pixel", values: { task: "digits", longest: 200 } },
};
