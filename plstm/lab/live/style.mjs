// How live figures look: one style element for all of them, in the colours of the page around them.

import { element } from "./controls.mjs";

const STYLE = `
html[data-theme="dark"] .plstm-live { color-scheme: dark }
html[data-theme="light"] .plstm-live { color-scheme: light }
body[data-jp-theme-light="false"] .plstm-live { color-scheme: dark }
.plstm-live { --line: color-mix(in srgb, currentColor 30%, transparent); max-width: 46rem; margin: 0.75rem 0; scroll-margin-top: 5rem; font-size: 0.9rem;
  line-height: 1.4; text-align: left; color: inherit }
.plstm-live .plstm-controls { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 19rem), 1fr)); gap: 0.35rem 1.75rem }
.plstm-live .plstm-control { display: grid; grid-template-columns: 7rem minmax(3rem, 1fr) auto; gap: 0 0.6rem; align-items: center; align-content: center; min-height: 2rem }
.plstm-live .plstm-choice { grid-template-columns: 7rem 1fr }
.plstm-live label { margin: 0; font: inherit; cursor: pointer }
.plstm-live input, .plstm-live select, .plstm-live button { font: inherit; color: inherit; margin: 0; box-sizing: border-box }
.plstm-live input[type="range"] { --accent: currentColor; appearance: none; width: 100%; height: 1.6rem; padding: 0; background: none; touch-action: pan-y; cursor: pointer }
.plstm-live input[type="range"]::-webkit-slider-runnable-track { height: 0.3rem; border-radius: 0.2rem;
  background: linear-gradient(to right, var(--accent) var(--at), var(--line) var(--at)) }
.plstm-live input[type="range"]::-moz-range-track { height: 0.3rem; border-radius: 0.2rem; background: var(--line) }
.plstm-live input[type="range"]::-moz-range-progress { height: 0.3rem; border-radius: 0.2rem; background: var(--accent) }
.plstm-live input[type="range"]::-webkit-slider-thumb { appearance: none; width: 1.1rem; height: 1.1rem; margin-top: -0.4rem; border-radius: 50%; background: var(--accent) }
.plstm-live input[type="range"]::-moz-range-thumb { width: 1.1rem; height: 1.1rem; border: 0; border-radius: 50%; background: var(--accent) }
.plstm-live input[type="number"], .plstm-live select, .plstm-live button { background: transparent; border: 1px solid var(--line);
  border-radius: 0.3rem; padding: 0.15rem 0.4rem; min-height: 1.8rem }
.plstm-live select { width: 100%; cursor: pointer }
.plstm-live select option { background: Canvas; color: CanvasText }
.plstm-live input[type="number"] { width: 4.6rem; font-variant-numeric: tabular-nums; appearance: textfield }
.plstm-live input[type="number"]::-webkit-inner-spin-button { appearance: none }
.plstm-live button { padding: 0.15rem 0.8rem; cursor: pointer }
.plstm-live button:hover { background: color-mix(in srgb, currentColor 9%, transparent) }
.plstm-live button.plstm-main { background: #0072B2; border-color: #0072B2; color: #fff; min-width: 5.5rem; font-weight: 600 }
.plstm-live :is(input, select, button, canvas):focus-visible { outline: 2px solid #0072B2; outline-offset: 2px; box-shadow: 0 0 0 5px #56B4E9 }
.plstm-live .plstm-control > span { white-space: nowrap }
.plstm-live .plstm-unit { margin-left: 0.3rem }
.plstm-live .plstm-note { grid-column: 1 / -1; font-weight: 600 }
.plstm-live .plstm-note:not(:empty) { padding-bottom: 0.4rem }
/* On a phone a slider gets the width for a finger. */
@media (max-width: 430px) {
  .plstm-live .plstm-control { grid-template-columns: 1fr auto; gap: 0 0.8rem }
  .plstm-live .plstm-control:not(.plstm-choice) label { grid-column: 1 / -1 }
  .plstm-live .plstm-choice { grid-template-columns: auto minmax(0, 1fr); margin: 0.3rem 0 }
}
.plstm-live .plstm-symbol { display: inline-block; line-height: 1.2; font-style: italic; border-bottom: 3px solid transparent; padding: 0 1px 2px }
.plstm-live sub { font-size: 0.7em; line-height: 0; vertical-align: -0.25em; font-style: normal }
.plstm-live .plstm-buttons { display: flex; flex-wrap: wrap; gap: 0.6rem; align-items: center; margin: 0.5rem 0 0.2rem }
.plstm-live .plstm-picture { margin-top: 0.4rem; overflow: hidden }
.plstm-live .plstm-pen { cursor: crosshair; touch-action: pan-y; user-select: none }
/* On a phone the picture stays in view below the controls, where there is room for both. */
@media (max-width: 600px) {
  .plstm-live .plstm-picture.plstm-stays { position: sticky; bottom: 0; z-index: 1; padding-bottom: 0.3rem;
    border-top: 1px solid var(--line); background: var(--pst-color-background, Canvas) }
  .plstm-live .plstm-control :is(input, select) { scroll-margin-bottom: 65vh }
}
.plstm-live .plstm-pointer { cursor: ew-resize; touch-action: pan-y; user-select: none }
.plstm-live .plstm-head { display: flex; flex-wrap: wrap; gap: 0 1rem; align-items: baseline; padding: 0.35rem 10px 0 42px; font-size: 0.85rem }
.plstm-live .plstm-title { margin-right: auto; font-weight: 600 }
.plstm-live .plstm-swatch { display: inline-block; width: 0.9rem; height: 0.25rem; border-radius: 2px; margin-right: 0.35rem; vertical-align: middle }
.plstm-live svg { display: block; max-width: 100% }
.plstm-live svg .plstm-marks { max-width: none; overflow: hidden }
.plstm-live svg text { fill: currentColor; font-size: 12px; font-family: inherit; font-variant-numeric: tabular-nums; stroke: none }
.plstm-live .plstm-sentence { margin: 0.4rem 0 0.6rem; padding: 0; color: inherit; text-align: left; font-size: 1em }
.plstm-live .plstm-formula { border-left: 3px solid var(--line); padding-left: 0.9rem; overflow-wrap: anywhere; white-space: pre-wrap }
.plstm-live .plstm-formula div { padding: 0.12rem 0 }
.plstm-live .plstm-formula .plstm-off { font-style: normal }
.plstm-live .plstm-formula .plstm-on { font-weight: 600 }
.plstm-live .plstm-formula .plstm-on::before { content: "▸ "; margin-left: -0.95em }
.plstm-live .plstm-number { border-bottom: 3px solid }
.plstm-live .plstm-own[hidden] { display: none }
.plstm-live .plstm-own { display: flex; gap: 0.6rem; align-items: center; margin-top: 0.4rem }
.plstm-live .plstm-times { flex: 1 1 8rem; min-width: 0; background: transparent; border: 1px solid var(--line); border-radius: 0.3rem; padding: 0.15rem 0.4rem; min-height: 1.8rem }
.plstm-live .plstm-advice:empty { display: none }
.plstm-live .plstm-advice { margin: 0.3rem 0; padding: 0; text-align: left; font-size: 0.85rem; opacity: 0.85 }
.plstm-live .plstm-drawing-pad { display: flex; flex-wrap: wrap; gap: 0.6rem 1.2rem; align-items: flex-start; margin: 0.6rem 0 0.3rem }
.plstm-live .plstm-tools { display: flex; flex-wrap: wrap; gap: 0.6rem; align-items: center }
.plstm-live .plstm-beside { flex: 1 1 15rem; min-width: 0 }
.plstm-live .plstm-beliefs { margin: -0.35rem 0 0.3rem; overflow: hidden }
.plstm-live .plstm-tools p { flex: 1 1 100%; margin: 0 }
.plstm-live .plstm-tools select { width: auto }
.plstm-live canvas { width: 11.2rem; height: 11.2rem; border: 1px solid var(--line); border-radius: 0.3rem; image-rendering: pixelated;
  touch-action: none; cursor: crosshair }
.plstm-live .plstm-seen canvas { display: block; width: 5.6rem; height: 5.6rem; touch-action: auto; cursor: auto }
.plstm-live .plstm-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
@media (forced-colors: active) {
  .plstm-live :is(input[type="range"], .plstm-swatch, .plstm-symbol, .plstm-number) { forced-color-adjust: none }
  .plstm-live input[type="range"]::-webkit-slider-thumb { border: 2px solid CanvasText }
  .plstm-live input[type="range"]::-moz-range-thumb { border: 2px solid CanvasText }
}
.plstm-live[data-shown] { outline: 2px solid #56B4E9; outline-offset: 0.4rem }
.plstm-told { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
@media print {
  .plstm-live.plstm-live { break-inside: avoid; color: #222; color-scheme: light }
  .plstm-live :is(button, .plstm-buttons, .plstm-tools, .plstm-advice, input[type="range"]) { display: none }
  .plstm-live .plstm-swatch { print-color-adjust: exact }
  html[data-theme="dark"] .plstm-live canvas { filter: invert(1) }
}
`;

export function addStyle() {
  if (!document.getElementById("plstm-style")) {
    document.head.append(element("style", { id: "plstm-style", textContent: STYLE }));
  }
}
