// The loop that trains, in a worker of the page's own.

import { makeLoop } from "./trainer_loop.mjs";

const loop = makeLoop((report) => postMessage(report), { budget: 40, every: 50 });
addEventListener("message", ({ data }) => loop.handle(data));
