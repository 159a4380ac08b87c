// The pixels around the point: values, frames for taps, the weights of each, and along each axis.

import { svg } from "./drawing.js";

const CELL = 100;
const MARGIN = 84;

export function drawCells(element, told, size, channel, label) {
  const { window } = told;
  const [left, right] = window.x;
  const [top, bottom] = window.y;
  const columns = right - left + 1;
  const rows = bottom - top + 1;
  const at = ([x, y]) => [MARGIN + (x - left + 0.5) * CELL, MARGIN + (y - top + 0.5) * CELL];
  const inWindow = ([x, y]) => [
    Math.min(Math.max(x, left - 0.5), right + 0.5),
    Math.min(Math.max(y, top - 0.5), bottom + 0.5),
  ];

  const parts = [];
  for (const cell of window.cells) parts.push(pixel(cell, at([cell.x, cell.y]), channel));
  parts.push(frame(window, size, at));
  for (const cell of window.cells.filter((cell) => cell.weight)) parts.push(...tap(cell, at([cell.x, cell.y])));
  parts.push(...edges(window, at), ...marks(told, at, inWindow));

  element.setAttribute("viewBox", `0 0 ${MARGIN + columns * CELL + 6} ${MARGIN + rows * CELL + 6}`);
  element.setAttribute("aria-label", label);
  element.dataset.unit = CELL;
  element.replaceChildren(...parts);
}

function pixel(cell, [x, y], channel) {
  const group = svg("g", cell.inside ? {} : { class: "outside" });
  const box = { x: x - CELL / 2, y: y - CELL / 2, width: CELL, height: CELL };
  let ink = "on-void";
  if (cell.colour && cell.colour[3]) {
    const [red, green, blue] = cell.colour;
    group.append(svg("rect", { ...box, class: "cell", fill: `rgb(${red} ${green} ${blue})` }));
    ink = 0.299 * red + 0.587 * green + 0.114 * blue > 140 ? "on-light" : "on-dark";
  } else {
    group.append(svg("rect", { ...box, class: "cell void" }));
  }
  const text = cell.values.length ? cell.values[channel] : "–";
  group.append(svg("text", { x, y: y - (cell.weight ? 14 : 0), "font-size": 25, class: ink }, text));
  const reads = cell.read ? `→ [${cell.read.join(", ")}]` : "";
  group.append(svg("title", {}, `[${cell.y}, ${cell.x}] ${cell.inside ? "" : reads}`));
  return group;
}

function tap(cell, [x, y]) {
  const negative = cell.weight.share < 0 ? "negative " : "";
  const nothing = cell.values.length ? "" : "nothing ";
  const thick = 3 + 7 * Math.abs(cell.weight.share);
  const inset = CELL / 2 - thick / 2 - 1;
  const wide = Math.min(CELL - 14, 20 + 12 * cell.weight.text.length);
  return [
    svg("rect", {
      x: x - inset,
      y: y - inset,
      width: 2 * inset,
      height: 2 * inset,
      class: `${negative}${nothing}tap`,
      "stroke-width": thick,
    }),
    svg("rect", { x: x - wide / 2, y: y + 8, width: wide, height: 28, rx: 5, class: `${negative}chip` }),
    svg("text", { x, y: y + 22, "font-size": Math.min(20, (1.7 * wide) / cell.weight.text.length), class: "on-chip" }, cell.weight.text),
  ];
}

// The array's edges, as far as they are shown.
function frame(window, [width, height], at) {
  const inside = window.cells.filter((cell) => cell.inside);
  if (!inside.length) return svg("g");
  const xs = inside.map((cell) => cell.x);
  const ys = inside.map((cell) => cell.y);
  const [left, top] = at([Math.min(...xs) - 0.5, Math.min(...ys) - 0.5]);
  const [right, bottom] = at([Math.max(...xs) + 0.5, Math.max(...ys) + 0.5]);
  let path = "";
  if (xs.includes(0)) path += `M${left} ${top}V${bottom}`;
  if (xs.includes(width - 1)) path += `M${right} ${top}V${bottom}`;
  if (ys.includes(0)) path += `M${left} ${top}H${right}`;
  if (ys.includes(height - 1)) path += `M${left} ${bottom}H${right}`;
  return svg("path", { d: path, class: "frame", "stroke-width": 5, "stroke-linecap": "square" });
}

function edges(window, at) {
  const parts = [];
  for (const axis of ["x", "y"]) {
    const weights = new Map(window.weights[axis].map((tap) => [tap.index, tap.text]));
    for (let i = window[axis][0]; i <= window[axis][1]; i++) {
      const [x, y] = axis === "x" ? [at([i, 0])[0], 26] : [MARGIN / 2, at([0, i])[1] - 14];
      parts.push(svg("text", { x, y, "font-size": 21, class: "index" }, i));
      const weight = weights.get(i);
      if (weight === undefined) continue;
      const sign = weight.startsWith("-") ? "negative " : "";
      parts.push(svg("text", { x, y: y + 28, "font-size": 21, class: `${sign}weight` }, weight));
    }
  }
  parts.push(svg("text", { x: MARGIN / 2 - 14, y: MARGIN / 2 + 14, "font-size": 21, class: "index" }, "y"));
  parts.push(svg("text", { x: MARGIN / 2 + 14, y: MARGIN / 2 - 16, "font-size": 21, class: "index" }, "x"));
  return parts;
}

function marks(told, at, inWindow) {
  const shown = inWindow(told.pixels);
  const [x, y] = at(shown);
  const parts = [];
  if (told.folded.every((part) => part !== null) && told.folded.some((part, i) => part !== told.pixels[i])) {
    const [fx, fy] = at(inWindow(told.folded));
    parts.push(svg("line", { x1: x, y1: y, x2: fx, y2: fy, class: "fold", "stroke-width": 4 }));
    parts.push(svg("circle", { cx: fx, cy: fy, r: 9, class: "halo", "stroke-width": 10 }));
    parts.push(svg("circle", { cx: fx, cy: fy, r: 9, class: "ring", "stroke-width": 5 }));
  }
  if (String(shown) !== String(told.pixels)) return parts; // it lies farther out
  parts.push(svg("circle", { cx: x, cy: y, r: 17, class: "halo", "stroke-width": 10 }));
  parts.push(svg("circle", { cx: x, cy: y, r: 17, class: "ring", "stroke-width": 5 }));
  parts.push(svg("circle", { cx: x, cy: y, r: 5, class: "position" }));
  return parts;
}
