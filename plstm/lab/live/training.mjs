// Train here: an LSTM and a Phased LSTM learn side by side in the page. The front end's form is anywidget's.

import { announcer, addStyle } from "./figure.mjs";
import { controlPanel, element } from "./controls.mjs";
import { drawPanels } from "./plot.mjs";
import { connect } from "./trainer_link.mjs";
import { TASKS } from "./trainer_tasks.mjs";
import { CONTROLS, GROUPS, LOOKS, settingsOf, START } from "./training_controls.mjs";
import { prediction } from "./training_predict.mjs";
import { PRESETS } from "./training_presets.mjs";
import { addTrainingStyle } from "./training_style.mjs";
import { gradientView, learningPanels, rhythmView, sampleView } from "./training_views.mjs";
import { progress, reason } from "./training_words.mjs";

/** The palette of plstm/lab/palette.py, for a host that brings none. */
const PALETTE = {
  period: "#D55E00", ratio_on: "#009E73", shift: "#CC79A7", openness: "#0072B2", cell: "#E69F00", output: "#56B4E9",
  lstm: "#767676", "phased-lstm": "#0072B2",
};
const ALL_NAMES = CONTROLS.map(({ name }) => name);
const LOOKED_AT = LOOKS.map(({ name }) => name);

/**
 * Brings the figure into ``el``. The model has a value for each control by its name, and may have: ``digits`` (what
 * ``plstm.lab.live.training.digits()`` gives), ``worker`` (the address of trainer_worker.mjs), ``colours``, ``key``
 * (the figure's name in the page's address), ``hide`` (names of controls that are not shown, or "settings").
 * @param {{ model: Train.Model, el: HTMLElement }} given
 * @returns {() => void} what ends it
 */
export function render({ model, el }) {
  addStyle();
  addTrainingStyle();
  el.classList.add("plstm-live");
  const key = model.get("key") || "training";
  const colours = model.get("colours") || PALETTE;
  const values = Object.fromEntries(ALL_NAMES.map((name) => [name, model.get(name) ?? START[name]]));
  const announced = announcer();
  const question = prediction(key);
  /** @type {Train.Point[]} */
  let points = [];
  /** @type {Train.Snapshot | null} */
  let last = null;
  let id = 0;
  let known = JSON.stringify(settingsOf(values));
  /** @type {{ time: number, updates: number } | null} */
  let since = null;
  let rate = 0;

  const connection = connect((report) => (report.id === id ? hear(report) : undefined), model.get("worker") || "");
  const play = element("button", { type: "button", className: "plstm-main" }, "Play");
  const step = element("button", { type: "button", title: "one update" }, "Step");
  const rewind = element("button", { type: "button", title: "back to the same weights" }, "Rewind");
  const fresh = element("button", { type: "button", title: "the next seed" }, "New weights");
  const preset = element("select", { id: `plstm-${key}-preset` },
    element("option", { value: "" }, "settings of my own"),
    ...Object.entries(PRESETS).map(([name, { words }]) => element("option", { value: name }, words)));
  const state = element("p", { className: "plstm-state" });
  const learning = element("div", { className: "plstm-picture", role: "img", "aria-label": "Loss and right answers of both networks by updates" });
  const seen = element("div", { className: "plstm-picture", role: "img" });
  const sentence = element("p", { className: "plstm-sentence" });

  const config = { kind: "training", title: "Train here", controls: CONTROLS, values, data: null, cursor: "", colours };
  const panel = controlPanel(config, key, changed, { give: () => ({ ...(model.get("hide") ? { hide: model.get("hide") } : {}) }), take: () => {} });
  const place = Object.fromEntries(CONTROLS.map((spec, n) => [spec.name, /** @type {HTMLElement} */ (panel.node.children[n])]));
  const groups = Object.entries(GROUPS).map(([title, specs]) => element("fieldset", { className: "plstm-group" },
    element("legend", {}, title), element("div", { className: "plstm-controls" }, ...specs.map((spec) => place[spec.name]))));
  const settings = element("details", {}, element("summary", {}, "All settings"), ...groups);
  const looks = element("div", { className: "plstm-controls plstm-looks" }, ...LOOKED_AT.map((name) => place[name]));
  const head = element("div", { className: "plstm-trainer-head" }, element("label", { for: preset.id }, "try"), preset);
  const buttons = element("div", { className: "plstm-buttons" }, play, step, rewind, fresh);
  el.replaceChildren(head, question.node, buttons, state, learning, looks, seen, sentence, settings, panel.buttons, announced.node);

  /** Hides what a teacher's link names. */
  function hide() {
    const names = String(model.get("hide") || "").split(",");
    const all = names.includes("settings");
    settings.hidden = all;
    head.hidden = names.includes("try");
    for (const name of ALL_NAMES) place[name].hidden = names.includes(name);
    for (const group of groups) group.hidden = [...group.querySelectorAll(".plstm-control")].every((node) => /** @type {HTMLElement} */ (node).hidden);
  }

  function begin() {
    id += 1;
    [points, last, since, rate] = [[], null, null, 0];
    const asked = settingsOf(panel.values());
    connection.send({ type: "start", id, settings: asked, digits: model.get("digits") || null, sample: panel.values().sample - 1 });
  }

  /** @param {Live.Values} now */
  function changed(now) {
    for (const name of ALL_NAMES) if (model.get(name) !== now[name]) model.set(name, now[name]);
    model.save_changes();
    const settled = JSON.stringify(settingsOf(now));
    const match = Object.keys(PRESETS).find((name) => JSON.stringify(settingsOf({ ...now, ...START, ...PRESETS[name].values, seed: now.seed })) === settled);
    preset.value = match ?? "";
    place.steps.classList.toggle("plstm-off", now.task === "digits");
    if (settled !== known) {
      known = settled;
      question.forget();
      begin();
    } else {
      connection.send({ type: "look", sample: now.sample - 1 });
    }
  }

  /** @param {Train.Report} report */
  function hear(report) {
    if (report.type === "failed") {
      state.textContent = panel.values().task === "digits"
        ? "The digits are not at hand here: a built page of the book brings them. Choose another task."
        : `The networks could not be made: ${report.words}`;
      last = null;
      learning.replaceChildren();
      seen.replaceChildren();
      sentence.textContent = "";
      for (const button of [play, step]) button.disabled = true;
      return;
    }
    for (const button of [play, step]) button.disabled = false;
    points.push(...report.points);
    last = report;
    if (!report.playing) since = null;
    else if (!since) since = { time: performance.now(), updates: points.length };
    else if (performance.now() - since.time > 500) rate = (1000 * (points.length - since.updates)) / (performance.now() - since.time);
    const verdict = report.points.find((point) => point.update === 200)?.test;
    if (verdict) question.reveal(verdict, report.guess);
    play.textContent = report.playing ? "Pause" : "Play";
    draw();
  }

  function draw() {
    if (!last) return;
    const now = panel.values();
    const tests = points.flatMap((point) => point.test ?? []);
    drawPanels(learning, learningPanels(points, tests, last.guess), colours);
    const { panels, words } = now.view === "rhythm" ? rhythmView(last.look, points.filter((point) => point.periods), points.length)
      : now.view === "gradient" ? gradientView(last.look) : sampleView(last.look, now.task);
    drawPanels(seen, panels, colours);
    sentence.textContent = words;
    seen.setAttribute("aria-label", words);
    const why = reason(last.why, points[points.length - 1]);
    const how = progress(points, last.playing ? rate : 0, TASKS[now.task].outputs > 1);
    state.textContent = [how, why].filter(Boolean).join(" ");
    if (!last.playing && points.length) announced.say(`${question.told()} ${state.textContent}`);
  }

  play.addEventListener("click", () => {
    if (last?.playing) connection.send({ type: "pause", why: "" });
    else connection.send({ type: "play" });
  });
  step.addEventListener("click", () => connection.send({ type: "step" }));
  rewind.addEventListener("click", () => {
    question.again();
    begin();
  });
  fresh.addEventListener("click", () => panel.set({ seed: (panel.values().seed + 1) % 1000 }));
  preset.addEventListener("change", () => {
    const chosen = PRESETS[preset.value];
    if (chosen) panel.set({ ...settingsOf(START), clip: START.clip, ...chosen.values });
  });

  // What the host or Python sets from outside.
  const fromModel = () => panel.set(Object.fromEntries(ALL_NAMES.map((name) => [name, model.get(name) ?? panel.values()[name]])));
  for (const name of ALL_NAMES) model.on(`change:${name}`, fromModel);
  model.on("change:hide", hide);
  model.on("change:digits", begin);
  const hidden = () => { if (document.hidden) connection.send({ type: "pause", why: "hidden" }); };
  document.addEventListener("visibilitychange", hidden);
  let width = el.clientWidth;
  const watcher = new ResizeObserver(() => {
    if (el.clientWidth === width) return;
    width = el.clientWidth;
    draw();
  });
  watcher.observe(el);
  hide();
  panel.set({});
  begin();
  return () => {
    connection.end();
    watcher.disconnect();
    document.removeEventListener("visibilitychange", hidden);
    for (const name of ALL_NAMES) model.off(`change:${name}`, fromModel);
    model.off("change:hide", hide);
    model.off("change:digits", begin);
  };
}
