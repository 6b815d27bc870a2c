// The map of photos: points on a canvas, which needs no WebGL and takes 10,000 at once. Points at one with mouse, touch or
// arrows, selects with a lasso, a box or Space, and tells the server which photos the grid shall show. Pictures come
// through picture.js, so that pointing sends no points again. Names are written as text, never as HTML.

const PAD = 14, NEAR = 22, STILL = 5, MOST_ZOOM = 40, KEPT = 400, PATIENCE = 4000;
const MODES = { point: "Point", lasso: "Lasso", box: "Box" };
const KEYS = "Keys: arrows go from photo to photo, Space selects, Enter shows the selected ones in the grid, Esc clears, "
  + "+ and − zoom. With the mouse, Shift adds to what is selected, and Ctrl with the wheel zooms.";
const FINGERS = "Tap a point to see its photo; choose Lasso or Box to select with a finger.";
const maps = new WeakMap();

export default function (component) {
  const root = component.parentElement.querySelector(".photo-map");
  if (!maps.has(root)) maps.set(root, new PhotoMap(root));
  const map = maps.get(root);
  map.send = (value) => component.setTriggerValue("actions", value);
  map.update(component.data);
}

class PhotoMap {
  constructor(root) {
    this.client = Math.random().toString(36).slice(2);
    Object.assign(this, { root, number: 0, pending: [], selected: new Set(), current: -1, pictures: new Map(), waiting: -1 });
    this.tools = make("div", { class: "row", role: "toolbar", "aria-label": "The map" });
    this.place = make("div", { class: "place", role: "application", tabindex: "0", "aria-label": "Map of photos" });
    this.canvas = make("canvas", { "aria-hidden": "true" });
    this.tip = make("div", { class: "tip", hidden: "" });
    this.said = make("p", { class: "said", "aria-live": "polite" });
    this.legend = make("ul", { class: "legend", "aria-label": "What the colours mean" });
    this.place.append(this.canvas, this.tip);
    const helps = [make("p", { class: "keys" }, KEYS), make("p", { class: "fingers" }, FINGERS)];
    root.replaceChildren(this.tools, this.legend, this.place, this.said, ...helps);
    this.buttons();
    for (const kind of ["down", "move", "up", "cancel", "leave"]) {
      this.place.addEventListener(`pointer${kind}`, (event) => this[kind](event));
    }
    this.place.addEventListener("keydown", (event) => this.press(event));
    this.place.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    whileThere(root, "masklab-map-picture", (told) => this.answer(told));
    new ResizeObserver(() => this.redraw()).observe(this.place);
    this.whole();
    this.setMode(matchMedia("(pointer: coarse)").matches ? "point" : "lasso");
  }

  buttons() {
    const button = (text, label, act) => {
      const made = make("button", { type: "button", "aria-label": label }, text);
      made.addEventListener("click", act);
      this.tools.append(made);
      return made;
    };
    this.modes = Object.fromEntries(Object.entries(MODES).map(([mode, text]) => [mode, button(text, text, () => this.setMode(mode))]));
    button("+", "Zoom in", () => this.zoom(1.6));
    button("−", "Zoom out", () => this.zoom(1 / 1.6));
    button("All", "Show the whole map", () => this.whole());
    this.clear = button("Clear", "Clear the selection", () => this.select([]));
    this.open = button("Show these in the grid", "Show these in the grid", () => this.show());
    this.open.classList.add("main");
  }

  setMode(mode) {
    this.mode = mode;
    for (const [name, made] of Object.entries(this.modes)) made.setAttribute("aria-pressed", String(name === mode));
    this.touch();
  }

  // One finger scrolls the page unless it draws, or moves a map that is zoomed in.
  touch() {
    this.place.style.touchAction = this.mode === "point" && this.scale === 1 ? "pan-y" : "none";
  }

  update(data) {
    if (data.done.client === this.client) this.pending = this.pending.filter((action) => action.number > data.done.number);
    if (!this.data || data.view !== this.data.view) {
      this.x = numbers(data.x, Uint16Array).map((value) => value);
      this.y = numbers(data.y, Uint16Array).map((value) => value);
      this.selected.clear();
      this.pictures.clear();
      this.current = this.waiting = -1;
      this.whole();
    }
    if (!this.data || data.colour !== this.data.colour) this.pictures.clear();
    this.data = data;
    this.group = numbers(data.group, Uint8Array);
    const counts = data.groups.map(() => 0);
    for (const own of this.group) counts[own] += 1;
    // The fewest are drawn last, on top.
    this.order = data.groups.map((_, place) => place).sort((one, other) => counts[other] - counts[one]);
    this.legend.replaceChildren(...data.groups.map((own, place) => {
      const item = make("li");
      const mark = make("span", { "aria-hidden": "true" }, GLYPHS[own.shape]);
      if (own.colour) mark.style.color = own.colour;
      item.append(mark, ` ${own.name} (${counts[place].toLocaleString("en")})`);
      return item;
    }));
    this.tell();
    this.redraw();
  }

  // Where a point is in the place, in its pixels.
  at(point) {
    const side = Math.min(this.wide, this.high) - 2 * PAD;
    return [
      this.wide / 2 + (this.x[point] / 65535 - 0.5) * side * this.scale + this.moved[0],
      this.high / 2 + (this.y[point] / 65535 - 0.5) * side * this.scale + this.moved[1],
    ];
  }

  redraw() {
    if (!this.asked) this.asked = requestAnimationFrame(() => { this.asked = 0; this.draw(); });
  }

  draw() {
    if (!this.data) return;
    [this.wide, this.high] = [this.place.clientWidth, this.place.clientHeight];
    const sharp = Math.min(2, window.devicePixelRatio || 1);
    Object.assign(this.canvas, { width: this.wide * sharp, height: this.high * sharp });
    const pen = this.canvas.getContext("2d");
    pen.scale(sharp, sharp);
    const text = getComputedStyle(this.root).color;
    // Many are small, so that they do not cover each other.
    const room = (0.35 * Math.min(this.wide, this.high)) / Math.sqrt(this.x.length);
    const size = Math.max(1.8, Math.min(4.5, room)) * Math.min(2, this.scale ** 0.3);
    const paths = this.data.groups.map(() => [new Path2D(), new Path2D()]);
    for (let point = 0; point < this.x.length; point += 1) {
      const [x, y] = this.at(point);
      if (x < -9 || y < -9 || x > this.wide + 9 || y > this.high + 9) continue;
      const own = this.group[point];
      trace(paths[own][Number(this.selected.has(point))], this.data.groups[own].shape, x, y, size);
    }
    for (const selected of [0, 1]) {
      for (const own of this.order) {
        const { colour, shape } = this.data.groups[own];
        pen.globalAlpha = (this.selected.size && !selected ? 0.22 : 0.85) * (colour ? 1 : 0.45);
        pen.fillStyle = pen.strokeStyle = colour || text;
        pen.lineWidth = size * 0.6;
        if (shape === "x" || shape === "plus") pen.stroke(paths[own][selected]);
        else pen.fill(paths[own][selected]);
      }
    }
    Object.assign(pen, { globalAlpha: 1, strokeStyle: text, lineWidth: 2 });
    if (this.current >= 0) {
      pen.beginPath();
      pen.arc(...this.at(this.current), size + 5, 0, 7);
      pen.stroke();
    }
    if (this.drag?.line) {
      pen.beginPath();
      this.drag.line.forEach(([x, y]) => pen.lineTo(x, y));
      pen.closePath();
      pen.setLineDash([5, 4]);
      pen.stroke();
    }
    this.root.dataset.drawn = this.data.view;
    this.showTip();
  }

  nearest(x, y, most = NEAR) {
    let found = -1, least = most * most;
    for (let point = 0; point < this.x.length; point += 1) {
      const [own, down] = this.at(point), away = (own - x) ** 2 + (down - y) ** 2;
      if (away < least) [found, least] = [point, away];
    }
    return found;
  }

  spot(event) {
    const box = this.place.getBoundingClientRect();
    return [event.clientX - box.left - this.place.clientLeft, event.clientY - box.top - this.place.clientTop];
  }

  down(event) {
    if (event.button || this.drag) return;
    const start = this.spot(event);
    this.place.setPointerCapture(event.pointerId);
    this.drag = { start, last: start, far: false, line: this.mode === "point" ? null : [start] };
  }

  move(event) {
    const spot = this.spot(event);
    if (!this.drag) {
      if (event.pointerType === "mouse") this.point(this.nearest(...spot));
      return;
    }
    const { start, last } = this.drag;
    this.drag.far ||= Math.hypot(spot[0] - start[0], spot[1] - start[1]) > STILL;
    if (!this.drag.line) this.moved = [this.moved[0] + spot[0] - last[0], this.moved[1] + spot[1] - last[1]];
    else if (this.mode === "lasso") this.drag.line.push(spot);
    else this.drag.line = [start, [spot[0], start[1]], spot, [start[0], spot[1]]];
    this.drag.last = spot;
    this.redraw();
  }

  up(event) {
    const drag = this.drag;
    this.drag = null;
    if (!drag) return;
    if (!drag.far) this.point(this.nearest(...drag.start));
    else if (drag.line) {
      const inside = within(drag.line, this.x.length, (point) => this.at(point));
      this.select(event.shiftKey ? [...this.selected, ...inside] : inside);
    }
    this.redraw();
  }

  cancel() {
    this.drag = null;
    this.redraw();
  }

  leave(event) {
    if (!this.drag && event.pointerType === "mouse") this.point(-1);
  }

  wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2, this.spot(event));
  }

  zoom(by, around = this.current >= 0 ? this.at(this.current) : [this.wide / 2, this.high / 2]) {
    const scale = Math.max(1, Math.min(MOST_ZOOM, this.scale * by)), ratio = scale / this.scale;
    if (scale === 1) return this.whole();
    const middle = [this.wide / 2, this.high / 2];
    this.moved = this.moved.map((own, side) => (around[side] - middle[side]) * (1 - ratio) + own * ratio);
    this.scale = scale;
    this.touch();
    this.redraw();
  }

  whole() {
    Object.assign(this, { scale: 1, moved: [0, 0] });
    this.touch();
    this.redraw();
  }

  press(event) {
    const towards = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (towards) this.step(towards);
    else if (event.key === " " && this.current >= 0) this.toggle(this.current);
    else if (event.key === "Enter") this.show();
    else if (event.key === "Escape") { this.select([]); this.point(-1); }
    else if (event.key === "+" || event.key === "=") this.zoom(1.6);
    else if (event.key === "-") this.zoom(1 / 1.6);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // To the nearest photo in that direction, or near the middle to begin with.
  step([across, down]) {
    if (this.current < 0) return this.point(this.nearest(this.wide / 2, this.high / 2, Infinity));
    const [x, y] = this.at(this.current);
    let found = -1, least = Infinity;
    for (let point = 0; point < this.x.length; point += 1) {
      const [own, other] = this.at(point), ahead = (own - x) * across + (other - y) * down;
      const beside = Math.abs((own - x) * down + (other - y) * across);
      if (ahead > 0.5 && beside <= ahead && ahead + beside < least) [found, least] = [point, ahead + beside];
    }
    if (found < 0) return;
    const [own, other] = this.at(found);
    this.moved = [this.moved[0] + (own < 0 || own > this.wide ? this.wide / 2 - own : 0),
      this.moved[1] + (other < 0 || other > this.high ? this.high / 2 - other : 0)];
    this.point(found);
  }

  toggle(point) {
    if (!this.selected.delete(point)) this.selected.add(point);
    this.tell();
    this.redraw();
  }

  select(points) {
    this.selected = new Set(points);
    this.tell();
    this.redraw();
  }

  tell() {
    const count = this.selected.size;
    this.open.disabled = this.clear.disabled = !count;
    const groups = this.data.groups.map(() => 0);
    for (const point of this.selected) groups[this.group[point]] += 1;
    const each = this.data.groups.map((own, place) => [groups[place], own]).filter(([own]) => own)
      .map(([own, { name, shape }]) => `${GLYPHS[shape]} ${own.toLocaleString("en")} ${name}`);
    const known = this.pictures.get(this.current);
    this.said.textContent = [`${count ? count.toLocaleString("en") : "None"} selected${count ? `: ${each.join(", ")}` : ""}`,
      ...(known ? known.words : [])].join(" · ");
  }

  point(point) {
    if (point === this.current) return;
    this.current = point;
    this.ask();
    this.tell();
    this.redraw();
  }

  // One at a time, so that a slow line is not asked for pictures that were passed over.
  ask() {
    if (this.current < 0 || this.waiting >= 0 || this.pictures.has(this.current)) return;
    const asked = (this.waiting = this.current);
    const detail = { view: this.data.view, place: asked };
    document.dispatchEvent(new CustomEvent("masklab-map-point", { detail }));
    setTimeout(() => this.waiting === asked && this.given(), PATIENCE);
  }

  given() {
    this.waiting = -1;
    this.ask();
  }

  answer(told) {
    if (told.view !== this.data?.view || told.colour !== this.data.colour) return;
    this.pictures.set(told.place, told);
    if (this.pictures.size > KEPT) this.pictures.delete(this.pictures.keys().next().value);
    if (told.place === this.waiting) this.given();
    this.tell();
    this.showTip();
  }

  showTip() {
    const known = this.pictures.get(this.current);
    this.tip.hidden = !known || Boolean(this.drag?.far);
    if (this.tip.hidden) return;
    if (this.tip.dataset.place !== `${this.current} ${this.data.colour}`) {
      this.tip.dataset.place = `${this.current} ${this.data.colour}`;
      const picture = known.picture ? make("img", { src: known.picture, alt: "" }) : make("p", {}, "can't be shown");
      this.tip.replaceChildren(picture, ...known.words.map((line) => make("p", {}, line)));
    }
    const [x, y] = this.at(this.current), [wide, high] = [this.tip.offsetWidth, this.tip.offsetHeight];
    this.tip.style.left = `${Math.max(0, x + 14 + wide < this.wide ? x + 14 : x - 14 - wide)}px`;
    this.tip.style.top = `${Math.max(0, Math.min(y - high / 2, this.high - high))}px`;
  }

  show() {
    if (!this.selected.size) return;
    const places = [...this.selected].sort((one, other) => one - other);
    this.pending.push({ kind: "grid", value: this.data.view, places, number: (this.number += 1) });
    this.send({ client: this.client, actions: this.pending });
  }
}
