// The page: what is chosen, what is asked, and where the answers go.

import { about, ask, latest, Refused, send, withPixels } from "./asking.js";
import { drawCells } from "./cells.js";
import { html, paint, rounded, table } from "./drawing.js";
import { between, Stage } from "./stage.js";
import { say, speak } from "./words.js";

const $ = (id) => document.getElementById(id);
const CORNERS = [0, 1, 2, 3];
const CHANNELS = { 1: [], 2: ["grey", "alpha"], 3: ["R", "G", "B"], 4: ["R", "G", "B", "A"] };
const FIRST_SIDE = 320; // of the warped picture

let known; // what the server told of the picture
let language = "en";
let point = { unit: "pixels", points: [[0, 0]] };
let corners = { unit: "pixels", points: [] };
let told = null; // the last answer about the point
let meshTold = null;
const moves = { point: 0, mesh: 0 }; // counted, so that an answer does not put back what was moved meanwhile

const stage = new Stage($("stage"), moved);

// ---------------------------------------------------------------- questions

function options() {
  const fill = Number($("fill_value").value);
  return {
    mode: $("mode").value,
    padding_mode: $("padding_mode").value,
    align_corners: $("align_corners").checked,
    coords: $("coords").value,
    fill_value: Number.isFinite(fill) ? fill : 0,
    language,
  };
}

const askPoint = latest(async () => {
  const asked = moves.point;
  const answer = await (await ask("explain", { picture: known.picture, options: options(), place: point })).json();
  told = answer;
  if (asked === moves.point) {
    stage.places.point = answer.pixels;
    const isFolded = answer.folded.every((part) => part !== null) && String(answer.folded) !== String(answer.pixels);
    stage.folded = isFolded ? answer.folded : null;
    stage.draw();
  }
  showPoint();
}, failed);

const askMesh = latest(async () => {
  const asked = moves.mesh;
  const size = [Number($("width").value), Number($("height").value)];
  const [answer, image] = await withPixels(
    await ask("warp", { picture: known.picture, options: options(), place: corners, size }),
  );
  meshTold = answer;
  if (asked === moves.mesh) {
    CORNERS.forEach((i) => (stage.places[i] = answer.pixels[i]));
    stage.draw();
  }
  paint($("warped").querySelector("canvas"), image);
  $("mesh-code").textContent = answer.code;
  labelHandles();
  clearError();
}, failed);

const askSurroundings = latest(async () => {
  const response = await ask("surroundings", { picture: known.picture, options: options() });
  const [view, image] = await withPixels(response);
  stage.show(view, image, [known.width, known.height]);
}, failed);

function askAll() {
  askSurroundings();
  askPoint();
  askMesh();
}

async function failed(error) {
  if (error instanceof Refused && error.status === 409) {
    show(await about()); // another tab has opened another picture
  } else {
    fail(error instanceof Refused ? error.message : say(language, "gone"));
  }
}

function fail(message) {
  $("error").textContent = message;
  $("error").hidden = false;
}

function clearError() {
  $("error").hidden = true;
}

// ---------------------------------------------------------------- answers

function showPoint() {
  const channel = Math.min(Number($("channel").value) || 0, told.result.length - 1);
  const result = told.result.join(", ");
  clearError();
  const size = [known.width, known.height];
  drawCells($("cells"), told, size, channel, say(language, "cells at", { title: told.title, result: told.formula[channel] }));
  const swatch = html("span", "swatch");
  swatch.style.backgroundColor = `rgb(${told.colour.slice(0, 3).join(" ")} / ${told.colour[3] / 255})`;
  $("result").replaceChildren(swatch, html("span", "", `${say(language, "result")} ${result}`));
  $("formula").textContent = told.formula[channel];
  $("notes").replaceChildren(...told.notes.map((note) => html("li", "", note)));
  $("steps").replaceChildren(table(told.steps));
  $("taps").replaceChildren(...(told.taps ? [table(told.taps)] : []));
  $("point-code").textContent = told.code;
  for (const [i, id] of ["x", "y"].entries()) {
    if (document.activeElement !== $(id)) $(id).value = told.grid[i];
  }
  const [x, y] = told.pixels.map(rounded);
  $("pixels").textContent = say(language, "in pixels", { x, y });
  labelHandles();
  announce(say(language, "result of", { x, y, result }));
}

function labelHandles() {
  const parts = (which) => ({ x: rounded(stage.places[which][0]), y: rounded(stage.places[which][1]) });
  stage.handles.point.setAttribute("aria-label", say(language, "point at", parts("point")));
  for (const i of CORNERS) {
    stage.handles[i].setAttribute("aria-label", say(language, "corner at", { number: i + 1, ...parts(i) }));
  }
}

let announcing;
function announce(text) {
  clearTimeout(announcing); // a screen reader hears where a drag ends
  announcing = setTimeout(() => ($("status").textContent = text), 400);
}

// ---------------------------------------------------------------- places

function moved(which, place) {
  if (which === "point") {
    moves.point++;
    point = { unit: "pixels", points: [place] };
    askPoint();
  } else {
    moves.mesh++;
    corners = { unit: "pixels", points: CORNERS.map((i) => stage.places[i]) };
    askMesh();
  }
}

function preset(name) {
  const [width, height] = [known.width, known.height];
  const whole = [[0, 0], [width - 1, 0], [0, height - 1], [width - 1, height - 1]];
  if (name === "whole") return whole;
  const places = CORNERS.map((i) => stage.places[i]);
  if (name === "flipped") return [places[1], places[0], places[3], places[2]];
  const [cx, cy] = between(places, 0.5, 0.5);
  const [cosine, sine] = [Math.cos(Math.PI / 12), Math.sin(Math.PI / 12)];
  return places.map(([x, y]) => [
    cx + cosine * (x - cx) - sine * (y - cy),
    cy + sine * (x - cx) + cosine * (y - cy),
  ]);
}

function usePlaces(places) {
  CORNERS.forEach((i) => (stage.places[i] = places[i]));
  stage.draw();
  moved(0, places[0]);
}

// A mesh that shows at once what meshes do: a little turned, one corner outside.
function firstMesh(width, height) {
  return [[0.06, 0.12], [0.86, -0.12], [0.1, 0.9], [1, 0.8]].map(([u, v]) => [u * (width - 1), v * (height - 1)]);
}

// ---------------------------------------------------------------- what is chosen

function fillChoices() {
  for (const id of ["mode", "padding_mode"]) {
    const chosen = $(id).value;
    $(id).replaceChildren(...known.choices[id].map((choice) => new Option(choice[language], choice.value)));
    $(id).value = chosen || (id === "mode" ? "bilinear" : "zeros");
  }
  const coords = $("coords").value;
  $("coords").replaceChildren(...known.choices.coords.map((name) => new Option(say(language, name), name)));
  $("coords").value = coords || known.choices.coords[0];
}

function showWords() {
  const shape = `(1, ${known.channels}, ${known.height}, ${known.width})`;
  speak(language, { shape });
  $("name").textContent = say(language, "size", known);
  fillChoices();
}

// Shows a picture that the server has.
function show(described) {
  known = described;
  const { width, height, channels, limits } = known;
  $("channels").hidden = channels === 1;
  $("channel").replaceChildren(...CHANNELS[channels].map((name, i) => new Option(name, i)));
  const scale = FIRST_SIDE / Math.max(width, height);
  for (const [id, side] of [["width", width], ["height", height]]) {
    $(id).max = limits.side;
    $(id).value = Math.max(2, Math.round(side * scale));
  }
  showWords();
  const place = [0.3 * (width - 1), 0.4 * (height - 1)];
  const places = firstMesh(width, height);
  stage.places = { point: place, ...places };
  point = { unit: "pixels", points: [place] };
  corners = { unit: "pixels", points: places };
  askAll();
}

async function open(file) {
  const { bytes } = known.limits;
  const name = file.name;
  try {
    if (file.size > bytes) {
      throw new Refused(say(language, "too many bytes", { count: file.size, most: bytes }));
    }
    show({ ...known, ...(await send(file)) });
    clearError();
    announce(say(language, "opened", known));
  } catch (error) {
    const why = error instanceof Refused ? error.message : say(language, "gone");
    fail(say(language, "cannot open", { name, error: why }));
  }
}

// ---------------------------------------------------------------- events

// A change of align_corners leaves coordinates as they are, to show what it means; one of coordinates, the places.
function optionsChanged(event) {
  moves.point++;
  moves.mesh++;
  const unit = event.target.id === "coords" ? "pixels" : "grid";
  if (told) point = { unit, points: [told[unit]] };
  if (meshTold) corners = { unit, points: meshTold[unit] };
  $("fill").hidden = $("padding_mode").value !== "fill";
  askAll();
}

function typed() {
  const place = [Number($("x").value), Number($("y").value)];
  if ($("x").value === "" || $("y").value === "" || !place.every(Number.isFinite)) return;
  moves.point++;
  point = { unit: "grid", points: [place] };
  askPoint();
}

function dragCells(event) {
  if (event.button !== 0 || !told) return;
  event.preventDefault();
  const cells = $("cells");
  const pixel = Number(cells.dataset.unit) * cells.getScreenCTM().a;
  const [x, y] = told.pixels;
  const follow = (move) => {
    stage.move("point", [x + (move.clientX - event.clientX) / pixel, y + (move.clientY - event.clientY) / pixel]);
  };
  const end = () => {
    cells.removeEventListener("pointermove", follow);
    cells.removeEventListener("pointerup", end);
    cells.removeEventListener("pointercancel", end);
  };
  cells.setPointerCapture(event.pointerId);
  cells.addEventListener("pointermove", follow);
  cells.addEventListener("pointerup", end);
  cells.addEventListener("pointercancel", end);
}

// A pixel of the warped picture is sampled where the mesh has it.
function clickWarped(event) {
  const canvas = event.currentTarget;
  const box = canvas.getBoundingClientRect();
  const part = (value, low, length, count) => {
    const index = Math.min(Math.floor(((value - low) / length) * count), count - 1);
    return index / (count - 1);
  };
  const u = part(event.clientX, box.left, box.width, canvas.width);
  const v = part(event.clientY, box.top, box.height, canvas.height);
  stage.move("point", between(CORNERS.map((i) => stage.places[i]), u, v));
}

async function copy(event) {
  const button = event.currentTarget;
  await navigator.clipboard.writeText($(button.dataset.copies).textContent);
  button.textContent = say(language, "copied");
  setTimeout(() => (button.textContent = say(language, "copy")), 1500);
}

function changeLanguage() {
  language = $("language").value;
  showWords();
  askPoint();
  labelHandles();
}

function numberCorners() {
  for (const i of CORNERS) {
    const number = html("span", "number", i + 1);
    number.style[i % 2 ? "right" : "left"] = 0;
    number.style[i < 2 ? "top" : "bottom"] = 0;
    number.setAttribute("aria-hidden", "true");
    $("warped").append(number);
  }
}

async function start() {
  const first = await about();
  language = first.language ?? (navigator.language.startsWith("zh") ? "zh" : "en");
  $("language").value = language;
  numberCorners();
  show(first);
  $("options").addEventListener("submit", (event) => event.preventDefault());
  for (const id of ["mode", "padding_mode", "coords", "align_corners"]) $(id).addEventListener("change", optionsChanged);
  $("fill_value").addEventListener("input", optionsChanged);
  $("channel").addEventListener("change", showPoint);
  $("language").addEventListener("change", changeLanguage);
  $("theme").addEventListener("change", () => (document.documentElement.dataset.theme = $("theme").value));
  for (const id of ["x", "y"]) $(id).addEventListener("input", typed);
  for (const id of ["width", "height"]) $(id).addEventListener("change", askMesh);
  for (const button of document.querySelectorAll("[data-preset]")) {
    button.addEventListener("click", () => usePlaces(preset(button.dataset.preset)));
  }
  for (const button of document.querySelectorAll("[data-copies]")) button.addEventListener("click", copy);
  $("cells").addEventListener("pointerdown", dragCells);
  $("warped").querySelector("canvas").addEventListener("click", clickWarped);
  $("file").addEventListener("change", (event) => {
    const [file] = event.target.files;
    event.target.value = ""; // so that the same file can be opened again
    if (file) open(file);
  });
}

start().catch(failed);
