// The picture with its surroundings, the mesh over it, and the handles that are dragged or moved by arrow keys.

import { html, paint, svg } from "./drawing.js";

const LINES = 8; // cells of the mesh that are drawn, along each side
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const MOST_HEIGHT = 0.62; // of the window

export class Stage {
  // moved(which, [x, y]): which is "point" or 0 to 3, the place is in pixels
  constructor(element, moved) {
    this.element = element;
    this.canvas = element.querySelector("canvas");
    this.overlay = element.querySelector("svg");
    this.moved = moved;
    this.places = { point: [0, 0], 0: [0, 0], 1: [0, 0], 2: [0, 0], 3: [0, 0] };
    this.folded = null;
    this.ring = html("span", "folded");
    this.ring.hidden = true;
    this.handles = {};
    for (const which of ["point", 0, 1, 2, 3]) this.addHandle(which);
    element.append(this.ring);
    element.addEventListener("pointerdown", (event) => this.grab(event, "point"));
  }

  addHandle(which) {
    const handle = html("button", which === "point" ? "handle point" : "handle corner", which === "point" ? "" : which + 1);
    handle.type = "button";
    handle.addEventListener("pointerdown", (event) => this.grab(event, which));
    handle.addEventListener("keydown", (event) => this.step(event, which));
    this.handles[which] = handle;
    this.element.append(handle);
  }

  // Shows another picture, or other surroundings of it.
  show(view, image, [width, height]) {
    this.view = view;
    this.size = [width, height];
    paint(this.canvas, image);
    const [across, along] = [view.right - view.left, view.bottom - view.top];
    this.element.style.aspectRatio = `${across} / ${along}`;
    this.element.style.maxWidth = `calc(${MOST_HEIGHT * 100}vh * ${across / along})`;
    this.overlay.setAttribute("viewBox", `${view.left} ${view.top} ${across} ${along}`);
    this.draw();
  }

  draw() {
    if (!this.view) return;
    const { left, top, right, bottom } = this.view;
    const [width, height] = this.size;
    const outer = `M${left} ${top}H${right}V${bottom}H${left}Z`;
    const inner = `M-0.5 -0.5V${height - 0.5}H${width - 0.5}V-0.5Z`;
    const lines = this.meshPath();
    const parts = [
      svg("path", { d: outer + inner, class: "dim", "fill-rule": "evenodd" }),
      svg("path", { d: inner, class: "frame" }),
      svg("path", { d: lines, class: "under" }),
      svg("path", { d: lines, class: "mesh" }),
    ];
    if (this.folded) parts.push(svg("path", { d: `M${this.places.point}L${this.folded}`, class: "fold" }));
    this.overlay.replaceChildren(...parts);
    for (const [which, handle] of Object.entries(this.handles)) this.put(handle, this.places[which]);
    this.ring.hidden = !this.folded;
    if (this.folded) this.put(this.ring, this.folded);
  }

  meshPath() {
    const at = (u, v) => between([0, 1, 2, 3].map((i) => this.places[i]), u, v);
    let path = "";
    for (let i = 0; i <= LINES; i++) {
      const t = i / LINES;
      path += `M${at(0, t)}L${at(1, t)}M${at(t, 0)}L${at(t, 1)}`;
    }
    return path;
  }

  // Puts an element at a place, or at the edge that is nearest to it.
  put(element, [x, y]) {
    const { left, top, right, bottom } = this.view;
    const percent = (value, low, high) => `${Math.min(Math.max((100 * (value - low)) / (high - low), 0), 100)}%`;
    element.style.left = percent(x, left, right);
    element.style.top = percent(y, top, bottom);
  }

  placeOf(event) {
    const box = this.element.getBoundingClientRect();
    const { left, top, right, bottom } = this.view;
    const part = (value, low, length) => Math.min(Math.max((value - low) / length, 0), 1);
    return [
      left + part(event.clientX, box.left, box.width) * (right - left),
      top + part(event.clientY, box.top, box.height) * (bottom - top),
    ];
  }

  // Follows the pointer until it is let go; a handle keeps the distance at which it was seized.
  grab(event, which) {
    if (event.button !== 0 || !this.view) return;
    event.preventDefault();
    event.stopPropagation();
    const handle = this.handles[which];
    handle.focus();
    const start = this.placeOf(event);
    const [x, y] = event.currentTarget === handle ? this.places[which] : start;
    const follow = (move) => {
      const [px, py] = this.placeOf(move);
      this.move(which, [x + px - start[0], y + py - start[1]]);
    };
    const end = () => {
      handle.removeEventListener("pointermove", follow);
      handle.removeEventListener("pointerup", end);
      handle.removeEventListener("pointercancel", end);
    };
    handle.setPointerCapture(event.pointerId);
    handle.addEventListener("pointermove", follow);
    handle.addEventListener("pointerup", end);
    handle.addEventListener("pointercancel", end);
    if (event.currentTarget !== handle) this.move(which, start);
  }

  // Arrow keys: a pixel of a large picture, a tenth of one of a small array.
  step(event, which) {
    const direction = STEPS[event.key];
    if (!direction || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const step = (Math.max(...this.size) > 64 ? 1 : 0.1) * (event.shiftKey ? 10 : 1);
    const [x, y] = this.places[which];
    this.move(which, [x + direction[0] * step, y + direction[1] * step]);
  }

  move(which, place) {
    this.places[which] = place;
    if (which === "point") this.folded = null;
    this.draw();
    this.moved(which, place);
  }
}

// The place between four corners, as the mesh has it: u along x, v along y, both 0 to 1.
export function between([a, b, c, d], u, v) {
  const mix = (p, q, t) => p.map((value, i) => value + (q[i] - value) * t);
  return mix(mix(a, b, u), mix(c, d, u), v);
}
