// Questions to the server.

export class Refused extends Error {}

async function answered(path, options) {
  const response = await fetch(path, { credentials: "same-origin", cache: "no-store", ...options });
  if (response.ok) return response;
  const text = await response.text();
  let error = text;
  try {
    error = JSON.parse(text).error;
  } catch {
    // plain text
  }
  const refused = new Refused(error);
  refused.status = response.status;
  throw refused;
}

export async function about() {
  return (await answered("about", {})).json();
}

export async function ask(path, question) {
  const body = JSON.stringify(question);
  return answered(path, { method: "POST", headers: { "Content-Type": "application/json" }, body });
}

export async function send(file) {
  const headers = { "Content-Type": "application/octet-stream", "X-Name": encodeURIComponent(file.name) };
  return (await answered("picture", { method: "POST", headers, body: file })).json();
}

// An answer with pixels: the length of a description, the description, and the pixels.
export async function withPixels(response) {
  const buffer = await response.arrayBuffer();
  const length = new DataView(buffer).getUint32(0, true);
  const told = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const pixels = new Uint8ClampedArray(buffer.slice(4 + length));
  return [told, new ImageData(pixels, told.width, told.height)];
}

let running = 0;

// Says, to screen readers too, whether answers are to come.
function count(change) {
  running += change;
  document.querySelector("main").setAttribute("aria-busy", String(running > 0));
}

// One question at a time; of those that come meanwhile, the last.
export function latest(work, failed) {
  let busy = false;
  let waiting = false;
  return async () => {
    waiting = true;
    if (busy) return;
    busy = true;
    count(1);
    try {
      while (waiting) {
        waiting = false;
        await work();
      }
    } catch (error) {
      failed(error);
    } finally {
      busy = false;
      count(-1);
    }
  };
}
