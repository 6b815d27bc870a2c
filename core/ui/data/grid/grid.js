// The grid of photos: selects with mouse, touch and keyboard, and tells the server what to do with the selection.
// Names of files and people come from anywhere: they are written as text, never as HTML.

const WORDS = { relabel: "relabelled", keep: "confirmed", exclude: "excluded" };
const grids = new WeakMap();

export default function (component) {
  const root = component.parentElement.querySelector(".photo-grid");
  if (!grids.has(root)) grids.set(root, new Grid(root));
  const grid = grids.get(root);
  grid.send = (value) => component.setTriggerValue("actions", value);
  grid.update(component.data);
}

function make(name, attributes = {}, text = "") {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.textContent = text;
  return element;
}

class Grid {
  constructor(root) {
    // What the server knows this grid by. It does each action once, though it is sent until it is known to be done.
    this.client = Math.random().toString(36).slice(2);
    this.number = 0;
    this.pending = [];
    this.selected = new Set();
    this.current = "";
    this.place = 0;
    this.anchor = "";
    this.tiles = new Map();
    this.root = root;
    this.tools = make("div", { class: "tools", role: "toolbar", "aria-label": "Actions on selected photos" });
    this.said = make("p", { class: "said", "aria-live": "polite" });
    this.list = make("div", {
      class: "list", role: "listbox", tabindex: "0", "aria-multiselectable": "true", "aria-label": "Photos",
    });
    this.keys = make("p", { class: "keys" });
    root.replaceChildren(this.tools, this.list, this.keys);
    this.list.addEventListener("keydown", (event) => this.press(event));
    this.list.addEventListener("click", (event) => this.click(event));
    this.list.addEventListener("mousedown", (event) => event.shiftKey && event.preventDefault());
  }

  update(data) {
    const other = !this.data || data.view !== this.data.view || data.folder !== this.data.folder;
    this.data = data;
    if (data.done.client === this.client) {
      this.pending = this.pending.filter((action) => action.number > data.done.number);
    }
    this.photos = this.still(data.photos);
    const files = new Set(this.photos.map((photo) => photo.file));
    if (other) {
      this.selected.clear();
      this.current = "";
      this.place = 0;
    }
    this.selected = new Set([...this.selected].filter((file) => files.has(file)));
    // Where the photo went from this page the next one is in its place.
    if (!files.has(this.current)) {
      this.place = Math.min(this.place, this.photos.length - 1);
      this.current = this.photos.length ? this.photos[this.place].file : "";
    }
    this.buttons();
    this.draw();
    if (other && this.list.matches(":focus")) this.show();
  }

  // The photos as they will be once the server has done what is under way.
  still(photos) {
    const found = new Map(photos.map((photo) => [photo.file, { ...photo }]));
    for (const action of this.pending) {
      for (const photo of action.files.map((file) => found.get(file)).filter(Boolean)) {
        if (action.kind === "relabel") Object.assign(photo, { label: action.value, choice: "relabel" });
        if (action.kind === "exclude") photo.choice = "exclude";
        if (action.kind === "source") photo.source = action.value.trim();
        if (action.kind === "bin") found.delete(photo.file);
      }
    }
    return [...found.values()];
  }

  buttons() {
    const state = JSON.stringify([this.data.labels, this.data.people, this.data.sources]);
    if (state === this.state) return;
    this.state = state;
    const row = make("div", { class: "row" });
    const button = (text, key, act, label = text) => {
      const made = make("button", { type: "button", "aria-label": label }, text);
      if (key) made.append(make("kbd", { "aria-hidden": "true" }, key));
      made.addEventListener("click", act);
      row.append(made);
      return made;
    };
    this.need = Object.entries(this.data.labels).map(([label, own]) =>
      button(`${own.symbol} ${label}`, own.key, () => this.act("relabel", label), `Label as ${label}`));
    this.need.push(button("Exclude", "E", () => this.act("exclude")));
    this.need.push(button("Bin", "X", () => this.act("bin"), "Put into the bin"));
    const typed = (title, names, kind, deed, label) => {
      const field = make("input", { type: "text", list: kind, maxlength: "60", placeholder: title, "aria-label": title });
      const known = make("datalist", { id: kind });
      known.append(...names.map((name) => make("option", { value: name })));
      row.append(field, known);
      const act = () => field.value.trim() && this.act(kind, field.value);
      const made = button(deed, "", act, label);
      field.addEventListener("input", () => this.tell());
      field.addEventListener("keydown", (event) => {
        // Keys that the page knows are letters of a name here.
        event.stopPropagation();
        if (event.key === "Enter" && !made.disabled) act();
      });
      return { field, made };
    };
    this.typed = [
      typed("Person", this.data.people, "move", "Move", "Move to this person"),
      typed("Source", this.data.sources, "source", "Set", "Set this source"),
    ];
    this.all = button("Select all", "", () => {
      this.select(this.selected.size === this.photos.length ? [] : this.photos.map((photo) => photo.file));
    });
    this.tools.replaceChildren(row, this.said);
    const keys = Object.values(this.data.labels).map((own) => own.key).join(" ");
    this.keys.textContent = "Click or tap to select, with Shift up to there. Keys: arrows move, Space selects, "
      + `${keys} label and go on, E excludes, X or Delete puts into the bin, Esc clears, Page Up and Page Down turn the page.`;
  }

  draw() {
    const old = this.tiles;
    this.tiles = new Map();
    this.photos.forEach((photo, place) => {
      const tile = old.get(photo.file) || this.tile(photo);
      this.fill(tile, photo, place);
      this.tiles.set(photo.file, tile);
    });
    const wanted = [...this.tiles.values()];
    if (wanted.length !== this.list.children.length || wanted.some((tile, place) => this.list.children[place] !== tile)) {
      this.list.replaceChildren(...wanted);
    }
    this.mark();
  }

  tile(photo) {
    const tile = make("div", { class: "photo", role: "option" });
    tile.dataset.file = photo.file;
    const foot = make("div", { class: "foot", "aria-hidden": "true" });
    foot.append(make("span", { class: "badge" }), make("span", { class: "decided" }), make("span"));
    tile.append(make("div", { class: "none" }, "can't be shown"), foot);
    return tile;
  }

  fill(tile, photo, place) {
    const own = this.data.labels[photo.label] || { symbol: "?", colour: "transparent" };
    const decided = WORDS[photo.choice] || "";
    tile.id = `photo-${place}`;
    tile.title = [photo.file, photo.source, decided, photo.why].filter(Boolean).join(" · ");
    tile.setAttribute("aria-label", [photo.file, photo.label, decided, photo.why].filter(Boolean).join(", "));
    tile.classList.toggle("excluded", photo.choice === "exclude");
    let picture = tile.firstChild;
    if (photo.picture && picture.tagName !== "IMG") {
      picture.replaceWith((picture = make("img", { alt: "", draggable: "false" })));
    }
    if (photo.picture && picture.src !== photo.picture) picture.src = photo.picture;
    if (!photo.picture) picture.textContent = photo.why || "can't be shown";
    const [badge, mark, name] = tile.lastChild.children;
    badge.textContent = own.symbol;
    badge.style.background = own.colour;
    mark.textContent = photo.choice === "exclude" ? "excluded" : photo.choice ? "✎" : "";
    name.textContent = photo.choice === "exclude" ? "" : photo.file.split("/").slice(1).join("/");
  }

  mark() {
    for (const [file, tile] of this.tiles) {
      tile.setAttribute("aria-selected", String(this.selected.has(file)));
      tile.classList.toggle("current", file === this.current);
    }
    const current = this.tiles.get(this.current);
    if (current) this.list.setAttribute("aria-activedescendant", current.id);
    else this.list.removeAttribute("aria-activedescendant");
    this.tell();
  }

  tell() {
    const count = this.selected.size;
    for (const button of this.need) button.disabled = !count;
    for (const { field, made } of this.typed) made.disabled = !count || !field.value.trim();
    this.all.textContent = count && count === this.photos.length ? "Clear" : "Select all";
    const current = this.photos.find((photo) => photo.file === this.current);
    const selected = count ? `${count} selected` : "None selected";
    const text = current && !count ? [current.file, current.label, current.source, WORDS[current.choice]] : [];
    const said = [selected, ...text.filter(Boolean)].join(" · ");
    if (this.said.textContent !== said) this.said.textContent = said;
  }

  click(event) {
    const tile = event.target.closest(".photo");
    if (!tile) return;
    const file = tile.dataset.file;
    if (event.shiftKey && this.tiles.has(this.anchor)) {
      this.range(this.anchor, file);
    } else {
      this.toggle(file);
    }
    this.go(file, false);
  }

  press(event) {
    const key = event.key;
    const label = Object.entries(this.data.labels).find(([, own]) => own.key === key);
    if ((event.ctrlKey || event.metaKey) && key.toLowerCase() === "a") this.select(this.photos.map((photo) => photo.file));
    else if (event.ctrlKey || event.metaKey || event.altKey || !this.photos.length) return;
    else if (key.startsWith("Arrow") || key === "Home" || key === "End") this.step(key, event.shiftKey);
    else if (key === " " || key === "Enter") this.toggle(this.current);
    else if (key === "Escape") this.select([]);
    else if (label) this.act("relabel", label[0], true);
    else if (key === "e" || key === "E") this.act("exclude", "", true);
    else if (key === "x" || key === "X" || key === "Delete") this.act("bin", "", true);
    else if (key === "PageDown" || key === "PageUp") this.turn(key === "PageDown" ? "1" : "-1");
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  step(key, extend) {
    const place = this.photos.findIndex((photo) => photo.file === this.current);
    const across = getComputedStyle(this.list).gridTemplateColumns.split(" ").length;
    const last = this.photos.length - 1;
    const to = {
      ArrowLeft: place - 1, ArrowRight: place + 1, ArrowUp: place - across, ArrowDown: place + across, Home: 0, End: last,
    }[key];
    if (to < 0 || to > last) return;
    if (extend) {
      if (!this.selected.size || !this.tiles.has(this.anchor)) this.anchor = this.current;
      this.range(this.anchor, this.photos[to].file);
    }
    this.go(this.photos[to].file);
  }

  go(file, scroll = true) {
    this.current = file;
    this.place = this.photos.findIndex((photo) => photo.file === file);
    this.mark();
    if (scroll) this.show();
  }

  show() {
    this.tiles.get(this.current)?.scrollIntoView({ block: "nearest" });
  }

  select(files) {
    this.selected = new Set(files);
    this.mark();
  }

  toggle(file) {
    if (!this.selected.delete(file)) this.selected.add(file);
    this.anchor = file;
    this.mark();
  }

  range(from, to) {
    const [first, last] = [from, to].map((file) => this.photos.findIndex((photo) => photo.file === file)).sort((a, b) => a - b);
    this.select(this.photos.slice(first, last + 1).map((photo) => photo.file));
  }

  // With a key and nothing selected, the current photo is meant; then the next one is current.
  act(kind, value = "", current = false) {
    const files = this.selected.size ? [...this.selected] : current && this.current ? [this.current] : [];
    if (!files.length) return;
    const last = Math.max(...files.map((file) => this.photos.findIndex((photo) => photo.file === file)));
    const next = this.photos.slice(last + 1).concat(this.photos.slice(0, last).reverse())
      .find((photo) => !files.includes(photo.file));
    if (next && current) this.current = next.file;
    this.selected.clear();
    this.tellServer({ kind, value, files });
    this.photos = this.still(this.data.photos);
    this.place = Math.max(0, this.photos.findIndex((photo) => photo.file === this.current));
    this.draw();
    if (current) this.show();
  }

  turn(by) {
    this.tellServer({ kind: "turn", value: by, files: [] });
  }

  tellServer(action) {
    this.pending.push({ ...action, number: (this.number += 1) });
    this.send({ client: this.client, actions: this.pending });
  }
}
