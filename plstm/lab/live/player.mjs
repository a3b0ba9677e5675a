// A button that lets a value run: a figure's time, or the pixels read.

import { element } from "./controls.mjs";

/**
 * ``at`` tells the value and ``move`` sets it; it runs by ``rate()`` a second from 0 to ``end``, in steps of ``grain``, or
 * of ``coarse`` where motion is unwelcome. Tell ``heard`` of every value drawn: another hand on it stops the running.
 * @param {{ end: number, grain: number, coarse: number, rate: () => number, at: () => number, move: (value: number) => void }} what
 */
export function player({ end, grain, coarse, rate, at, move }) {
  const button = element("button", { type: "button" }, "Play");
  const step = matchMedia("(prefers-reduced-motion: reduce)").matches ? coarse : grain;
  /** @type {{ at: number, own: number, time: number } | null} */
  let playing = null;
  const stop = () => {
    playing = null;
    button.textContent = "Play";
  };
  /** @param {number} now */
  function advance(now) {
    if (playing === null) return;
    // A page that was out of sight goes on where it was left.
    const seconds = Math.min(Math.max(now - playing.time, 0), 250) / 1000;
    playing.time = now;
    playing.at = Math.min(end, playing.at + seconds * rate());
    const value = Number((Math.floor(playing.at / step + 1e-9) * step).toFixed(3));
    if (value > at()) {
      playing.own = value;
      move(value);
    }
    if (value >= end) stop();
    else requestAnimationFrame(advance);
  }
  button.addEventListener("click", () => {
    if (playing !== null) return stop();
    if (at() >= end) move(0);
    playing = { at: at(), own: at(), time: performance.now() };
    button.textContent = "Pause";
    requestAnimationFrame(advance);
  });
  /** @param {number} value */
  const heard = (value) => { if (playing !== null && value !== playing.own) stop(); };
  return { button, stop, heard };
}
