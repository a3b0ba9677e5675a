// Settings to start from. Who is ahead after 200 updates was found by running them: tests/lab/live/test_trainer_presets.py.

/** What differs from the values at first. @type {Record<string, { words: string, values: Live.Values }>} */
export const PRESETS = {
  sines: { words: "irregular times: which of two rhythms?", values: {} },
  turned: { words: "the same, but every sine begins anywhere", values: { task: "turned" } },
};
