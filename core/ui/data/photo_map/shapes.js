// What map.js draws with and counts by; the two are one script.

const GLYPHS = {
  circle: "●", x: "✕", triangle: "▲", square: "■", diamond: "◆", plus: "✚", down: "▼", star: "★", dot: "·",
};

function make(name, attributes = {}, text = "") {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.textContent = text;
  return element;
}

const numbers = (text, Kind) => new Kind(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);

// Hears a document's event until the element is gone from it.
function whileThere(element, name, hear) {
  const heard = (event) => {
    if (element.isConnected) hear(event.detail);
    else document.removeEventListener(name, heard);
  };
  document.addEventListener(name, heard);
}

function trace(path, shape, x, y, r) {
  const corners = (...points) => {
    points.forEach(([across, down], place) => path[place ? "lineTo" : "moveTo"](x + across * r, y + down * r));
    path.closePath();
  };
  const lines = (...points) => points.forEach(([a, b, c, d]) => {
    path.moveTo(x + a * r, y + b * r);
    path.lineTo(x + c * r, y + d * r);
  });
  if (shape === "square") path.rect(x - r * 0.85, y - r * 0.85, r * 1.7, r * 1.7);
  else if (shape === "triangle") corners([0, -1.2], [1.1, 0.8], [-1.1, 0.8]);
  else if (shape === "down") corners([0, 1.2], [1.1, -0.8], [-1.1, -0.8]);
  else if (shape === "diamond") corners([0, -1.25], [1.25, 0], [0, 1.25], [-1.25, 0]);
  else if (shape === "star") corners([0, -1.4], [0.4, -0.4], [1.4, 0], [0.4, 0.4], [0, 1.4], [-0.4, 0.4], [-1.4, 0], [-0.4, -0.4]);
  else if (shape === "x") lines([-0.9, -0.9, 0.9, 0.9], [-0.9, 0.9, 0.9, -0.9]);
  else if (shape === "plus") lines([-1.1, 0, 1.1, 0], [0, -1.1, 0, 1.1]);
  else {
    const own = shape === "dot" ? r * 0.7 : r;
    path.moveTo(x + own, y);
    path.arc(x, y, own, 0, 7);
  }
}

// Which of so many points lie in a polygon.
function within(line, count, at) {
  const found = [];
  for (let point = 0; point < count; point += 1) {
    const [x, y] = at(point);
    let inside = false;
    for (let one = 0, other = line.length - 1; one < line.length; other = one, one += 1) {
      const [[ax, ay], [bx, by]] = [line[one], line[other]];
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
    }
    if (inside) found.push(point);
  }
  return found;
}
