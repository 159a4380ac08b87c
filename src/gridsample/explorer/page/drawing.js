// Elements, made without text that is read as markup.

export function svg(name, attributes = {}, text = null) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== null) element.textContent = text;
  return element;
}

export function html(name, className = "", text = null) {
  const element = document.createElement(name);
  if (className) element.className = className;
  if (text !== null) element.textContent = text;
  return element;
}

export function paint(canvas, image) {
  canvas.width = image.width;
  canvas.height = image.height;
  canvas.classList.toggle("crisp", Math.max(image.width, image.height) < 200);
  canvas.getContext("2d").putImageData(image, 0, 0);
}

// A number as people read it: no more digits than a pixel's hundredth has.
export function rounded(number) {
  return String(Math.round(number * 100) / 100 + 0);
}

export function table(told) {
  const made = html("table");
  const head = made.createTHead().insertRow();
  const align = told.headings.map((heading) => (heading.kind === "number" ? "number-cell" : ""));
  told.headings.forEach((heading, i) => {
    const cell = html("th", align[i], heading.text);
    cell.scope = "col";
    head.append(cell);
  });
  const body = made.createTBody();
  for (const row of told.rows) {
    const line = body.insertRow();
    row.forEach((part, i) => {
      const cell = html(part.kind === "heading" ? "th" : "td", `${align[i]} ${part.kind}-cell`, part.text);
      if (part.kind === "heading") cell.scope = "row";
      if (part.kind === "weight") {
        const colour = part.share < 0 ? "--negative" : "--positive";
        const strength = Math.round(45 * Math.abs(part.share));
        cell.style.backgroundColor = `color-mix(in srgb, var(${colour}) ${strength}%, transparent)`;
      }
      line.append(cell);
    });
  }
  return made;
}
