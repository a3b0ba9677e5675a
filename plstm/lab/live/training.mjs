// Train here: an LSTM and a Phased LSTM learn side by side in the page. The front end's form is anywidget's.

import { announcer, keepKeys } from "./figure.mjs";
import { boundPanel, keyOf } from "./bound_panel.mjs";
import { element, withSubscripts } from "./controls.mjs";
import { range } from "./equations.mjs";
import { drawPanels } from "./plot.mjs";
import { addStyle } from "./style.mjs";
import { makeRun, whole } from "./trainer_run.mjs";
import { connect, workerAddress } from "./trainer_link.mjs";
import { VERDICT } from "./trainer_loop.mjs";
import { GROUPS, LOOKS, settingsOf } from "./training_controls.mjs";
import { prediction } from "./training_predict.mjs";
import { PRESETS } from "./training_presets.mjs";
import { addTrainingStyle } from "./training_style.mjs";
import { gradientView, learningPanels, rhythmView, sampleView } from "./training_views.mjs";
import { progress, reason, right } from "./training_words.mjs";

/** Updates before the plain picture, where no script runs: it takes a second, and is kept. */
const PLAIN = 60;
/** @type {Map<string, Live.Scene>} */
const pictured = new Map();

/**
 * The plain picture: both networks after some updates.
 * @param {Live.Values} values
 * @param {{ digits?: Train.Digits }} data
 * @returns {Live.Scene}
 */
export function scene(values, data) {
  const known = JSON.stringify(settingsOf(values));
  const kept = pictured.get(known);
  if (kept) return kept;
  const run = makeRun(settingsOf(values), data?.digits ?? null);
  const points = range(PLAIN, () => whole(run.update()));
  const sentence = `An LSTM and a Phased LSTM learn side by side. ${progress(points, 0, values.task, run.steps)}`;
  const seen = { panels: learningPanels(points, points.flatMap((point) => point.test ?? []), run.guess, right(values.task)), sentence, formula: [] };
  pictured.set(known, seen);
  return seen;
}

/**
 * Brings the figure into ``el``. The model has ``spec``, a value for each control by its name, and may have ``hide``, the
 * names of controls that are not shown, by commas ("settings" for all of them), and ``worker``, the address of
 * trainer_worker.mjs.
 * @param {{ model: Live.Model, el: HTMLElement }} given
 * @returns {() => void} what ends it
 */
export function render({ model, el }) {
  addStyle();
  addTrainingStyle();
  el.classList.add("plstm-live");
  keepKeys(el);
  const key = keyOf(el, "training");
  const announced = announcer();
  const question = prediction(key);
  /** @type {Train.Point[]} */
  let points = [];
  /** @type {Train.Snapshot | null} */
  let last = null;
  let id = 0;
  let known = "";
  /** @type {{ time: number, updates: number } | null} */
  let since = null;
  let rate = 0;
  let frame = 0;
  // Where motion is unwelcome the curves grow twice a second.
  const pause = matchMedia("(prefers-reduced-motion: reduce)").matches ? 500 : 0;
  let drawn = 0;

  const connection = connect((report) => (report.id === id ? hear(report) : undefined), model.get("worker") ?? workerAddress());
  const play = element("button", { type: "button", className: "plstm-main" }, "Play");
  const step = element("button", { type: "button", title: "one update" }, "Step");
  const rewind = element("button", { type: "button", title: "back to the same weights" }, "Rewind");
  const fresh = element("button", { type: "button", title: "the next seed" }, "New weights");
  const suggested = Object.entries(PRESETS).filter(([, { values }]) => values.task !== "digits" || model.get("spec").data?.digits);
  const preset = element("select", { id: `plstm-${key}-preset` },
    element("option", { value: "" }, "settings of my own"),
    ...suggested.map(([name, { words }]) => element("option", { value: name }, words)));
  const state = element("p", { className: "plstm-state" });
  const learning = element("div", { className: "plstm-picture", role: "img", "aria-label": "Loss and right answers of both networks by updates" });
  const seen = element("div", { className: "plstm-picture", role: "img" });
  const sentence = element("p", { className: "plstm-sentence" });

  const panel = boundPanel(model, key, changed);
  const { colours, data, title } = panel.spec;
  const defaults = Object.fromEntries(panel.spec.controls.map((control) => [control.name, control.default]));
  /** The settings of a suggestion, whatever values this figure starts with. @param {Live.Values} values */
  const suggestion = (values) => ({ ...defaults, ...values, seed: panel.values().seed });
  el.setAttribute("role", "group");
  el.setAttribute("aria-label", title);
  const place = panel.nodes;
  const groups = Object.entries(GROUPS).map(([legend, specs]) => element("fieldset", { className: "plstm-group" },
    element("legend", {}, legend), element("div", { className: "plstm-controls" }, ...specs.map((name) => place[name]))));
  const settings = element("details", {}, element("summary", {}, "All settings"), ...groups);
  const looks = element("div", { className: "plstm-controls plstm-looks" }, ...LOOKS.map((name) => place[name]));
  const head = element("div", { className: "plstm-trainer-head" }, element("label", { for: preset.id }, "try"), preset);
  const run = element("div", { className: "plstm-run" }, play, step, rewind, fresh);
  el.append(head, question.node, run, state, learning, looks, seen, sentence, settings, panel.buttons, announced.node);

  /** Hides what a teacher's link names. */
  function hide() {
    const names = String(model.get("hide") || "").split(",");
    const all = names.includes("settings");
    settings.hidden = all;
    head.hidden = names.includes("try");
    // A digit has as many steps as it has pixels.
    if (panel.values().task === "digits") names.push("steps");
    for (const name of Object.keys(place)) place[name].hidden = names.includes(name);
    for (const group of groups) group.hidden = [...group.querySelectorAll(".plstm-control")].every((node) => /** @type {HTMLElement} */ (node).hidden);
  }

  function begin() {
    id += 1;
    [points, last, since, rate] = [[], null, null, 0];
    const asked = settingsOf(panel.values());
    connection.send({ type: "start", id, settings: asked, digits: data?.digits ?? null, sample: panel.values().sample - 1 });
  }

  /** @param {Live.Values} now */
  function changed(now) {
    const settled = JSON.stringify(settingsOf(now));
    const match = suggested.find(([, { values }]) => JSON.stringify(settingsOf(suggestion(values))) === settled);
    preset.value = match?.[0] ?? "";
    hide();
    if (settled !== known) {
      known = settled;
      question.forget();
      begin();
    } else {
      connection.send({ type: "look", sample: now.sample - 1 });
      draw();
    }
  }

  /** @param {Train.Report} report */
  function hear(report) {
    if (report.type === "failed") {
      state.textContent = panel.values().task === "digits"
        ? "The digits are not at hand here: the figure in the chapter on MNIST has them. Choose another task."
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
    const verdict = report.points.find((point) => point.update === VERDICT)?.test;
    if (verdict) question.reveal(verdict, report.guess);
    play.textContent = report.playing ? "Pause" : "Play";
    // Not here: without a worker the networks have just computed in this very task.
    if (report.playing && performance.now() - drawn < pause) return;
    if (!frame) frame = requestAnimationFrame(draw);
  }

  function draw() {
    cancelAnimationFrame(frame);
    frame = 0;
    if (!last) return;
    drawn = performance.now();
    const now = panel.values();
    const tests = points.flatMap((point) => point.test ?? []);
    drawPanels(learning, learningPanels(points, tests, last.guess, right(now.task)), colours);
    const { panels, words } = now.view === "rhythm" ? rhythmView(last.look, points.filter((point) => point.periods), points.length)
      : now.view === "gradient" ? gradientView(last.look) : sampleView(last.look, now.task, seen.clientWidth);
    drawPanels(seen, panels, colours);
    sentence.replaceChildren(...withSubscripts(words));
    seen.setAttribute("aria-label", words);
    const why = reason(last.why, points[points.length - 1]);
    const how = progress(points, last.playing ? rate : 0, now.task, last.look.sequence.times.length);
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
    const { view, sample, hide: hidden } = panel.values();
    if (chosen) panel.set({ ...suggestion(chosen.values), view, sample, hide: hidden });
  });

  model.on("change:hide", hide);
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
  panel.take();
  return () => {
    connection.end();
    cancelAnimationFrame(frame);
    watcher.disconnect();
    document.removeEventListener("visibilitychange", hidden);
    panel.leave();
    model.off("change:hide", hide);
  };
}
