// From a figure to the loop that trains: in a worker where one may start, else on the page's own thread in short slices.

import { makeLoop } from "./trainer_loop.mjs";

/** The worker's file on the book's site, where it lies beside the host of the figures; "" elsewhere. */
export function workerAddress() {
  const host = document.querySelector('script[src*="host.mjs"]');
  return host instanceof HTMLScriptElement ? new URL("trainer_worker.mjs", host.src).href : "";
}

/**
 * @param {(report: Train.Report) => void} hear
 * @param {string} address of trainer_worker.mjs; "" for none
 * @returns {Train.Connection}
 */
export function connect(hear, address) {
  /** @type {ReturnType<typeof makeLoop> | null} */
  let local = null;
  /** @type {Worker | null} */
  let worker = null;
  /** @type {Train.Order[]} */
  const unanswered = [];
  let answered = false;

  function stayHere() {
    worker?.terminate();
    worker = null;
    const loop = (local = makeLoop(hear, { budget: 10, every: 100 }));
    unanswered.splice(0).forEach((order) => loop.handle(order));
  }

  try {
    if (!address) throw new Error("expected the address of a worker, got none");
    worker = new Worker(address, { type: "module" });
    worker.addEventListener("message", ({ data }) => {
      answered = true;
      unanswered.length = 0;
      hear(data);
    });
    // A policy, an address that is not there, a browser that knows no modules in workers: all are told this way.
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      if (!answered) stayHere();
    });
  } catch {
    stayHere();
  }
  return {
    /** @param {Train.Order} order */
    send(order) {
      if (local) return local.handle(order);
      if (!answered) unanswered.push(order);
      worker?.postMessage(order);
    },
    inWorker: () => worker !== null,
    end() {
      worker?.terminate();
      local?.end();
    },
  };
}
