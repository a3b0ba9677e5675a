// The controls of "train here" in their groups; training.py says what each may be.

/** @type {Record<string, string[]>} */
export const GROUPS = {
  Task: ["task", "steps"],
  "Phased LSTM": ["shortest", "longest", "ratio_on", "shifts", "gate", "leak"],
  LSTM: ["biases", "gaps"],
  Both: ["units", "rate", "clip", "seed"],
};

/** What is looked at: no change of these begins anew. */
export const LOOKS = ["view", "sample"];

/**
 * The values of the controls as what the trainer takes.
 * @param {Live.Values} values
 * @returns {Train.Settings}
 */
export function settingsOf(values) {
  const settings = Object.fromEntries(Object.values(GROUPS).flat().map((name) => [name, values[name]]));
  return /** @type {Train.Settings} */ (/** @type {unknown} */ ({ ...settings, clip: Number(values.clip) }));
}
