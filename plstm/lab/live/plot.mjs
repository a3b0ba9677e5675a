// Panels of marks as SVG. Text and grid wear the colour of the page's text, so every theme fits, dark ones too.

import { withSubscripts, element } from "./controls.mjs";

const LEFT = 42;
const RIGHT = 10;
const TOP = 8;
const AXIS = 36;
/** @type {Record<string, string>} */
const RAISED = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

/** @param {string} text */
const escape = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
/** @param {number} value */
const tick = (value) => String(Number(value.toPrecision(6))).replace("-", "−");
/** @param {number} value */
const powerOfTen = (value) => value === 1 ? "1" : `10${[...String(Math.round(Math.log10(value)))].map((sign) => RAISED[sign]).join("")}`;

/**
 * About ``count`` round numbers between two ends.
 * @param {Live.Ends} ends
 * @param {number} count
 */
function roundTicks([low, high], count) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough * 0.999) ?? 10);
  const ticks = [];
  for (let value = Math.ceil(low / step - 1e-9) * step; value <= high * (1 + 1e-9); value += step) ticks.push(value);
  return ticks;
}

/**
 * How a panel's numbers become pixels, for a picture of this width.
 * @param {Live.Panel} panel
 * @param {number} width
 * @returns {Live.Scales}
 */
export function scales(panel, width) {
  const [x0, x1] = panel.x;
  /** @type {(v: number) => number} */
  const bend = panel.log ? Math.log10 : (v) => v;
  const [y0, y1] = panel.y.map(bend);
  return {
    x: (v) => LEFT + ((v - x0) / (x1 - x0)) * (width - LEFT - RIGHT),
    y: (v) => TOP + (1 - (bend(panel.log ? Math.max(v, panel.y[0]) : v) - y0) / (y1 - y0)) * panel.height,
    uny: (pixel) => y0 + (1 - (pixel - TOP) / panel.height) * (y1 - y0),
    unx: (pixel) => x0 + ((pixel - LEFT) / (width - LEFT - RIGHT)) * (x1 - x0),
  };
}

/**
 * @param {number | null} v
 * @returns {v is null}
 */
const isGap = (v) => v === null || Number.isNaN(v);

/**
 * A polyline as path data; a gap in y lifts the pen.
 * @param {Live.Polyline} mark
 * @param {Live.Scales} at
 * @param {boolean} close
 */
function path(mark, at, close = false) {
  let data = "";
  let down = false;
  mark.x.forEach((x, i) => {
    const y = mark.y[i];
    if (isGap(y)) { down = false; return; }
    const point = `${at.x(x).toFixed(1)} ${at.y(y).toFixed(1)}`;
    if (close && !down && data === "") data = `M${at.x(x).toFixed(1)} ${at.y(0).toFixed(1)}L${point}`;
    else data += (down || close ? "L" : "M") + point;
    down = true;
  });
  return close ? `${data}L${at.x(mark.x[mark.x.length - 1]).toFixed(1)} ${at.y(0).toFixed(1)}Z` : data;
}

/**
 * @param {number} x0
 * @param {number} x1
 * @param {number} y0
 * @param {number} y1
 */
const rect = (x0, x1, y0, y1) =>
  `M${Math.min(x0, x1).toFixed(1)} ${Math.min(y0, y1).toFixed(1)}h${Math.abs(x1 - x0).toFixed(1)}` +
  `v${Math.abs(y1 - y0).toFixed(1)}h-${Math.abs(x1 - x0).toFixed(1)}Z`;

/**
 * @param {Live.Polyline} mark
 * @param {Live.Scales} at
 * @param {string} colour
 */
const stroke = (mark, at, colour) =>
  `<path d="${path(mark, at)}" fill="none" stroke="${colour}" stroke-width="${mark.width ?? 2}"` +
  ` stroke-linejoin="round"${mark.dash ? ' stroke-dasharray="5 4"' : ""}/>`;

/** @type {{ [kind in Live.Mark["kind"]]: Live.Painter<Extract<Live.Mark, { kind: kind }>> }} */
const MARKS = {
  line: stroke,
  tints: ({ rows }, at, colour, { x }) => rows.map(([row, share]) =>
    `<path d="${rect(at.x(x[0]), at.x(x[1]), at.y(row), at.y(row + 0.86))}" fill="${colour}" fill-opacity="${(0.1 + 0.9 * share).toFixed(2)}"/>`).join(""),
  area: (mark, at, colour) =>
    `<path d="${path(mark, at, true)}" fill="${colour}" fill-opacity="0.25"/>${stroke(mark, at, colour)}`,
  points: (mark, at, colour) => {
    const r = (mark.size ?? 4) / 2;
    /** @type {(x: number, i: number) => string} */
    const circle = (x, i) => `M${(at.x(x) - r).toFixed(1)} ${at.y(mark.y[i]).toFixed(1)}a${r} ${r} 0 1 1 0 .01Z`;
    return `<path d="${mark.x.map(circle).join("")}" fill="${colour}"/>`;
  },
  band: ({ over }, at, colour, { x }) =>
    `<path d="${rect(at.x(x[0]), at.x(x[1]), at.y(over[0]), at.y(over[1]))}" fill="${colour}" fill-opacity="0.18"/>`,
  rows: (mark, at, colour) => {
    /**
     * Thinner marks than this fade into the page.
     * @param {Live.Rows["runs"][number]} run
     */
    const run = ([row, x0, x1]) => rect(at.x(x0), Math.max(at.x(x1), at.x(x0) + 0.75), at.y(row), at.y(row + 0.86));
    return `<path d="${mark.runs.map(run).join("")}" fill="${colour}"/>`;
  },
  cells: (mark, at, colour) => mark.x.map((x, i) => {
    const [y, opacity] = [mark.y[i], mark.opacity[i].toFixed(2)];
    return `<path d="${rect(at.x(x), at.x(x + 1), at.y(y), at.y(y + 1))}" fill="${colour}" fill-opacity="${opacity}"/>`;
  }).join(""),
  columns: (mark, at, colour) => {
    /** @type {(x: number, i: number) => string} */
    const column = (x, i) => rect(at.x(x - mark.width / 2), at.x(x + mark.width / 2), at.y(0), at.y(mark.y[i]));
    return `<path d="${mark.x.map(column).join("")}" fill="${colour}"/>`;
  },
  bars: (mark, at, colour, panel, colours) => {
    const height = panel.height / mark.y.length;
    return mark.y.map((value, row) => {
      const top = TOP + row * height;
      const bar = rect(at.x(panel.x[0]), at.x(value), top + height * 0.45, top + height * 0.95);
      return `<text x="${LEFT}" y="${top + height * 0.33}">${escape(mark.labels[row])}</text>` +
        `<path d="${bar}" fill="${colours[mark.colours[row]]}"/>`;
    }).join("");
  },
};

/**
 * @param {Live.Panel} panel
 * @param {number} width
 * @param {Live.Colours} colours
 */
function panelMarkup(panel, width, colours) {
  const at = scales(panel, width);
  /** @param {string} name */
  const paint = (name) => colours[name] ?? "currentColor";
  const right = width - RIGHT;
  const bottom = panel.height + TOP;
  const height = bottom + (panel.xlabel ? AXIS : 6);
  let svg = "";
  for (const value of panel.yticks) {
    const y = at.y(value).toFixed(1);
    svg += `<path d="M${LEFT} ${y}H${right}" stroke="currentColor" stroke-opacity="0.14"/>` +
      `<text x="${LEFT - 6}" y="${y}" dy="0.35em" text-anchor="end">${(panel.log ? powerOfTen : tick)(value)}</text>`;
  }
  // An inner svg cuts off what lies outside the panel; a clip path would need a name, and a page has many figures.
  // Points may stand on an edge and are shown whole.
  for (const mark of panel.marks) {
    /** @type {Live.Painter<any>} */
    const painter = MARKS[mark.kind];
    const room = mark.kind === "points" ? 6 : 1;
    const box = `${LEFT - room} 0 ${right - LEFT + 2 * room} ${bottom + room}`;
    svg += `<svg class="plstm-marks" x="${LEFT - room}" width="${right - LEFT + 2 * room}" height="${bottom + room}" viewBox="${box}">` +
      `${painter(mark, at, paint(mark.colour), panel, colours)}</svg>`;
  }
  svg += `<path d="M${LEFT} ${bottom}H${right}" stroke="currentColor" stroke-opacity="0.5"/>`;
  if (panel.xlabel) {
    for (const value of panel.xticks ?? roundTicks(panel.x, width < 420 ? 4 : 6)) {
      // At the right edge a number would be cut off.
      const name = tick(value);
      const [x, anchor] = at.x(value) + 4 * name.length > width ? [width, "end"] : [at.x(value), "middle"];
      svg += `<text x="${x.toFixed(1)}" y="${bottom + 15}" text-anchor="${anchor}">${name}</text>`;
    }
    svg += `<text x="${(LEFT + right) / 2}" y="${bottom + 32}" text-anchor="middle">${escape(panel.xlabel)}</text>`;
  }
  return { height, svg };
}

/** @param {Live.Panel} panel */
const keysOf = (panel) => panel.marks.filter((mark) => mark.label).map((mark) =>
  ({ label: mark.label ?? "", colour: mark.colour, dash: "dash" in mark && mark.dash === true }));

const HEAD = 22;

/**
 * Panels as one picture that needs no script and no style sheet; its text wears the colour of the page's.
 * @param {Live.Panel[]} panels
 * @param {Live.Colours} colours
 * @param {string} words what it shows, for those who do not see it
 */
export function plainPicture(panels, colours, words, width = 440) {
  /** @param {string} text */
  const lettered = (text) => escape(text.replaceAll("r_on", "rₒₙ"));
  let [top, svg] = [0, ""];
  /** Capitals are wider. @param {string} text */
  const wide = (text) => 7.2 * text.length + 2 * (text.match(/[A-Z]/g) ?? []).length;
  for (const panel of panels) {
    svg += `<text x="${LEFT}" y="${top + 15}" font-weight="600">${lettered(panel.title)}</text>`;
    const keys = keysOf(panel);
    // Keys that have no room beside the title stand below it.
    const needed = keys.reduce((sum, { label }) => sum + wide(label) + 36, wide(panel.title));
    if (needed > width - LEFT - RIGHT) top += HEAD - 4;
    let right = width - RIGHT;
    for (const { label, colour, dash } of keys.reverse()) {
      svg += `<text x="${right}" y="${top + 15}" text-anchor="end">${lettered(label)}</text>`;
      right -= wide(label) + 22;
      svg += `<path d="M${right} ${top + 11}h16" stroke="${colours[colour] ?? "currentColor"}" stroke-width="4"${dash ? ' stroke-dasharray="4 2"' : ""}/>`;
      right -= 14;
    }
    const drawn = panelMarkup(panel, width, colours);
    svg += `<svg y="${top + HEAD}" width="${width}" height="${drawn.height}">${drawn.svg}</svg>`;
    top += HEAD + drawn.height;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${top}" width="${width}" role="img" ` +
    `aria-label="${escape(words)}" style="display:block;max-width:100%;height:auto" fill="currentColor" ` +
    `font-family="sans-serif" font-size="13"><g aria-hidden="true">${svg}</g></svg>`;
}

/**
 * Draws all panels into ``target`` and gives back what a pointer needs: what lies under a pixel.
 * @param {HTMLElement} target
 * @param {Live.Panel[]} panels
 * @param {Live.Colours} colours
 * @returns {Live.Grip}
 */
export function drawPanels(target, panels, colours) {
  const width = Math.max(240, Math.floor(target.clientWidth));
  const made = panels.map((panel) => {
    const keys = keysOf(panel).map(({ label, colour, dash }) => {
      const swatch = element("span", { className: "plstm-swatch" });
      const ink = colours[colour] ?? "currentColor";
      swatch.style.background = dash ? `repeating-linear-gradient(to right, ${ink} 0 0.25rem, transparent 0.25rem 0.4rem)` : ink;
      return element("span", { className: "plstm-key" }, swatch, ...withSubscripts(label));
    });
    const title = element("span", { className: "plstm-title" }, ...withSubscripts(panel.title));
    const svg = element("div");
    const drawn = panelMarkup(panel, width, colours);
    svg.innerHTML = `<svg width="${width}" height="${drawn.height}" viewBox="0 0 ${width} ${drawn.height}" aria-hidden="true">${drawn.svg}</svg>`;
    return element("div", { className: "plstm-panel" }, element("div", { className: "plstm-head" }, title, ...keys), svg);
  });
  target.replaceChildren(...made);
  /** @type {(index: number) => DOMRect} */
  const boxOf = (index) => made[index].lastElementChild?.getBoundingClientRect() ?? new DOMRect();
  return {
    place: ({ clientX, clientY }, held) => {
      const index = held ?? made.findIndex((_, i) => boxOf(i).top <= clientY && clientY <= boxOf(i).bottom);
      if (index < 0) return null;
      const at = scales(panels[index], width);
      return { panel: index, x: at.unx(clientX - boxOf(index).left), y: at.uny(clientY - boxOf(index).top) };
    },
    x: (clientX) => scales(panels[0], width).unx(clientX - target.getBoundingClientRect().left),
    near: ({ panel = 0, x, y }, { clientX, clientY }) => {
      const at = scales(panels[panel], width);
      const box = boxOf(panel);
      return Math.hypot(clientX - box.left - at.x(x), clientY - box.top - at.y(y));
    },
  };
}

// On a phone a picture stays in view below the controls: it may take this part of the height, and becomes lower for it,
// but not lower than a share of what its panels ask for.
const PHONE = 600;
const PART = 0.65;
const LOWEST = 0.6;

/**
 * The same, and on a phone low enough to stay in view while a control is moved, where that can be.
 * @param {HTMLElement} target
 * @param {Live.Panel[]} panels
 * @param {Live.Colours} colours
 * @returns {Live.Grip}
 */
export function drawToStay(target, panels, colours) {
  const grip = drawPanels(target, panels, colours);
  if (innerWidth > PHONE) return grip;
  const plots = panels.reduce((sum, { height }) => sum + height, 0);
  const share = (PART * innerHeight - (target.offsetHeight - plots)) / plots;
  target.classList.toggle("plstm-stays", share > LOWEST);
  if (share <= LOWEST || share > 1) return grip;
  return drawPanels(target, panels.map((panel) => ({ ...panel, height: Math.floor(share * panel.height) })), colours);
}
