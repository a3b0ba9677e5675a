// The looks of the walk through one step.

import { element } from "./controls.mjs";

const STEP_STYLE = `
.plstm-live .plstm-walk { display: grid; margin-top: 0.6rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 19rem), 1fr)); gap: 0.6rem 1.2rem; min-height: 11rem }
.plstm-live .plstm-side { border-top: 3px solid #767676; padding-top: 0.3rem; min-width: 0 }
.plstm-live .plstm-side.plstm-phased { border-color: #0072B2 }
.plstm-live .plstm-side .plstm-name { margin: 0 0 0.2rem; padding: 0; font-weight: 600 }
.plstm-live .plstm-side dl { margin: 0 }
.plstm-live .plstm-side dt { font-weight: 400; opacity: 0.85; margin: 0.3rem 0 0 }
.plstm-live .plstm-side dd { margin: 0 0 0.2rem 0.8rem; font-variant-numeric: tabular-nums; overflow-wrap: anywhere }
.plstm-live .plstm-run { display: flex; flex-wrap: wrap; gap: 0.6rem; margin: 0.5rem 0 0.2rem }
.plstm-live button:disabled { opacity: 0.5; cursor: default }
.plstm-live details { border: 1px solid var(--line); border-radius: 0.4rem; margin: 0.6rem 0; padding: 0 0.8rem }
.plstm-live summary { cursor: pointer; padding: 0.35rem 0; min-height: 1.8rem }
.plstm-live :is(summary, .plstm-wide):focus-visible { outline: 2px solid #0072B2; outline-offset: 2px; box-shadow: 0 0 0 5px #56B4E9 }
.plstm-live .plstm-wide { overflow-x: auto }
.plstm-live .plstm-weights table { border-collapse: collapse; width: auto; margin: 0; color: inherit; font-size: 1em }
.plstm-live .plstm-weights :is(th, td) { padding: 0.15rem 0.5rem 0.15rem 0; border: 0; background: none; color: inherit; text-align: left; font-weight: 400; white-space: nowrap }
@media print { .plstm-live .plstm-weights { display: none } }
`;

export function addStepStyle() {
  if (document.getElementById("plstm-step-style")) return;
  document.head.append(element("style", { id: "plstm-step-style", textContent: STEP_STYLE }));
}
