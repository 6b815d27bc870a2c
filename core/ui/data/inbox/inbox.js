// The inbox: one face at a time, answered by a key or a tap, without waiting for the server. What the server is told is
// sent until it is known to be done. Text from files is written as text, never as HTML.

const boxes = new WeakMap();

export default function (component) {
  const root = component.parentElement.querySelector(".inbox");
  const fresh = !boxes.has(root);
  if (fresh) boxes.set(root, new Inbox(root));
  const box = boxes.get(root);
  box.send = (value) => component.setTriggerValue("actions", value);
  box.update(component.data);
  // Whoever has opened it answers by keys at once.
  if (fresh) box.card.focus({ preventScroll: true });
}

function make(name, attributes = {}, text = "") {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.textContent = text;
  return element;
}

class Inbox {
  constructor(root) {
    // What the server knows this page by.
    this.client = Math.random().toString(36).slice(2);
    this.number = 0;
    this.pending = [];
    this.card = make("div", { class: "card", tabindex: "0", role: "group", "aria-label": "Faces that wait" });
    this.place = make("div", { class: "place" });
    this.said = make("p", { class: "said", "aria-live": "polite" });
    this.warning = make("p", { class: "warning", role: "status" });
    this.answers = make("div", { class: "answers" });
    this.tools = make("div", { class: "answers" });
    this.count = make("p", { class: "count" });
    this.next = make("div", { class: "next", "aria-hidden": "true" });
    this.keys = make("p", { class: "keys" });
    const beside = make("div", { class: "beside" });
    beside.append(this.count, this.said, this.warning, this.answers, this.tools, this.keys);
    this.card.append(this.place, beside);
    root.replaceChildren(this.card, this.next);
    this.card.addEventListener("keydown", (event) => this.press(event));
  }

  update(data) {
    this.data = data;
    if (data.done.client === this.client) {
      this.pending = this.pending.filter((action) => action.number > data.done.number);
    }
    this.draw();
  }

  // The faces and the last step as they will be once the server has done what is under way.
  still() {
    let faces = this.data.faces;
    const gone = [];
    let undo = this.data.undo;
    for (const action of this.pending) {
      if (action.kind === "undo") {
        const back = gone.pop();
        if (back) faces = [back, ...faces];
        undo = gone.length ? "the last answer" : "";
        continue;
      }
      const face = faces.find((one) => one.file === action.file);
      if (face) gone.push(face);
      faces = faces.filter((one) => one.file !== action.file);
      undo = "the last answer";
    }
    return { faces, undo, count: this.data.count - gone.length };
  }

  draw() {
    const { faces, undo, count } = this.still();
    this.face = faces[0];
    this.canUndo = Boolean(undo);
    const face = this.face;
    if (!face) this.place.replaceChildren(make("div", { class: "none" }, count > 0 ? "…" : "All done"));
    else if (!face.picture) this.place.replaceChildren(make("div", { class: "none" }, "can't be shown"));
    else this.place.replaceChildren(make("img", { src: face.picture, alt: "The face to label", draggable: "false" }));
    if (face) this.place.dataset.file = face.file;
    else delete this.place.dataset.file;
    this.count.textContent = count > 0 ? `${count} ${count === 1 ? "waits" : "wait"}` : "";
    this.said.textContent = face ? face.said : "";
    this.warning.textContent = face ? face.warning : "";
    this.next.replaceChildren(...faces.slice(1).filter((one) => one.picture)
      .map((one) => make("img", { src: one.picture, alt: "", draggable: "false" })));
    this.buttons(face, undo);
  }

  buttons(face, undo) {
    const labels = Object.entries(this.data.labels);
    const state = JSON.stringify([labels, face ? face.label : null, undo]);
    if (state === this.state) return;
    this.state = state;
    const button = (text, key, act, extra = {}) => {
      const made = make("button", { type: "button", ...extra }, text);
      made.append(make("kbd", { "aria-hidden": "true" }, key));
      made.addEventListener("click", () => {
        act();
        this.card.focus({ preventScroll: true });
      });
      return made;
    };
    this.answers.replaceChildren(...(face ? labels.map(([label, own]) => {
      const guess = label === face.label;
      const made = button(`${own.symbol} ${own.title}`, guess ? `Enter or ${own.key}` : own.key,
        () => this.act("label", label), { "aria-label": `Label as ${own.title}`, class: guess ? "guess" : "" });
      made.style.setProperty("--label", own.colour);
      return made;
    }) : []));
    const tools = [];
    if (face) tools.push(button("Dismiss", "Del", () => this.act("bin"), { "aria-label": "Dismiss: into the bin" }));
    if (undo) tools.push(button(`Undo: ${undo}`, "U", () => this.act("undo")));
    this.tools.replaceChildren(...tools);
    this.keys.textContent = face ? `Keys: Enter takes the marked label, ${labels.map(([, own]) => own.key).join(" ")} `
      + "another one, Del or X dismisses, U takes the last answer back." : "";
  }

  press(event) {
    const key = event.key;
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const label = Object.entries(this.data.labels).find(([, own]) => own.key === key);
    // A focused button answers Enter itself.
    if (key === "Enter" && event.target === this.card) { if (this.face && this.face.label) this.act("label", this.face.label); }
    else if (label) this.act("label", label[0]);
    else if (key === "Delete" || key === "x" || key === "X") this.act("bin");
    else if (key === "u" || key === "U") this.act("undo");
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  act(kind, value = "") {
    if (kind === "undo" ? !this.canUndo : !this.face) return;
    const file = kind === "undo" ? "" : this.face.file;
    this.pending.push({ kind, value, file, number: (this.number += 1) });
    this.draw();
    this.send({ client: this.client, actions: this.pending });
  }
}
