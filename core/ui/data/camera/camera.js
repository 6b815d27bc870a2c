// Takes pictures with the browser's camera, and sends them one at a time until the server says that each is on the disk.

const EVERY_MS = 250, BURST = 8, COUNT_FROM = 3, AGAIN_MS = 5000, LOOK_MS = 500, SAY_MS = 2500;
// Of pictures that the server has not taken yet; while there are as many no more are taken.
const MOST_WAITING = 8;
const QUALITY = 0.92, THUMB_HEIGHT = 116, MOST_THUMBS = 24;
// Elements that the space key belongs to, wherever the focus came from.
const TYPING = "input, textarea, select, [contenteditable]:not([contenteditable=false])";
const PRESSED = "button, a, summary, [role=button], [role=tab], [role=radio], [role=checkbox], [role=switch]";

// Of this window, not of an element: pictures that are not saved yet must not go with the page's part that took them.
const store = {
  messages: [],   // to be sent, in order; the first one is on its way
  sentAt: 0,
  photos: [],     // {id, folder, label, person, burst, thumb, state: "waiting" | "kept"}
  refused: new Map(),
  number: 0,
  burst: 0,
  trouble: "",
};
const views = new WeakMap();

const waiting = () => store.messages.filter(message => message.kind === "photo").length;

addEventListener("beforeunload", event => { if (store.messages.length) event.preventDefault(); });

export default function ({ data, parentElement, setTriggerValue }) {
  let view = views.get(parentElement);
  if (!view) views.set(parentElement, (view = new View(parentElement)));
  view.send = message => setTriggerValue("message", message);
  view.update(data);
  return () => { view.close(); views.delete(parentElement); };
}

class View {
  constructor(root) {
    const part = name => root.querySelector("." + name);
    this.part = part;
    this.video = root.querySelector("video");
    this.canvas = document.createElement("canvas");
    this.ended = new AbortController();
    this.facing = "user";
    this.byPointer = false;
    const listen = (target, name, act, options = {}) =>
      target.addEventListener(name, act, { signal: this.ended.signal, ...options });
    const press = (name, act) => listen(part(name), "click", act);
    press("start", () => this.start());
    press("other", () => this.switchCamera());
    press("free", () => this.handsFree());
    press("back", () => this.takeBack(photos => photos.slice(-1)));
    press("back_burst", () => this.takeBack(photos => photos.filter(one => one.burst === photos.at(-1).burst)));
    press("again", () => { store.trouble = ""; store.sentAt = 0; this.pump(); this.draw(); });
    press("drop", () => this.discard());
    const shutter = part("shutter");
    listen(shutter, "pointerdown", event => {
      if (event.button) return;
      shutter.setPointerCapture(event.pointerId);
      this.hold();
    });
    for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) listen(shutter, name, () => this.release());
    listen(shutter, "contextmenu", event => event.preventDefault());
    // Without a pointer a click is a screen reader's, or the Enter key's: one picture.
    listen(shutter, "click", event => { if (event.detail === 0) { this.hold(); this.release(); } });
    listen(document, "pointerdown", () => { this.byPointer = true; }, { capture: true });
    listen(document, "keydown", event => this.key(event, true), { capture: true });
    listen(document, "keyup", event => this.key(event, false), { capture: true });
    listen(window, "blur", () => this.release());
    this.timer = setInterval(() => this.pump(), LOOK_MS);
  }

  close() {
    this.release();
    this.stopCountdown();
    this.ended.abort();
    clearInterval(this.timer);
    this.stopCamera();
  }

  // What the server says: what is chosen, what is missing, and answers to messages.
  update(data) {
    this.data = data;
    // Until now a click would have been lost.
    this.part("start").disabled = false;
    const answer = store.messages.length ? data.answers[store.messages[0].id] : undefined;
    if (answer) this.answered(store.messages[0], answer);
    if (data.problem) { this.release(); this.stopCountdown(); }
    this.pump();
    this.draw();
  }

  answered(message, answer) {
    if (answer.error) {
      store.trouble = answer.error;
      this.release();
      this.stopCountdown();
      return;
    }
    store.messages.shift();
    store.sentAt = 0;
    store.trouble = "";
    const photo = store.photos.find(one => one.id === message.id);
    if (answer.kept && photo) {
      photo.state = "kept";
      this.say("");
      this.flash();
    } else if (answer.refused) {
      store.photos = store.photos.filter(one => one.id !== message.id);
      const why = answer.refused.split(":")[0];
      store.refused.set(why, (store.refused.get(why) ?? 0) + 1);
      this.say("Not kept: " + answer.refused);
    } else if (answer.back) {
      const stayed = new Set(answer.stayed);
      store.photos = store.photos.filter(one => !message.photos.includes(one.id) || stayed.has(one.id));
      // A picture that was refused meanwhile is not this session's either, and gone.
      const kept = store.photos.filter(one => stayed.has(one.id));
      for (const one of kept) one.fixed = true;
      if (kept.length) this.say("Saved before the server started anew: stays in the dataset");
    }
  }

  pump() {
    const [message] = store.messages;
    if (!message || store.trouble || !this.data || Date.now() - store.sentAt < AGAIN_MS) return;
    // Again after a while: the server may have ended before it answered.
    if (store.sentAt) this.say("Waiting for the server …");
    store.sentAt = Date.now();
    this.send(message);
  }

  async start() {
    const { texts } = this.data;
    if (!navigator.mediaDevices?.getUserMedia) return this.fail(texts.insecure);
    this.stopCamera();
    const which = this.device ? { deviceId: { exact: this.device } } : { facingMode: this.facing };
    try {
      const video = { width: { ideal: 1920 }, height: { ideal: 1080 }, ...which };
      this.stream = await navigator.mediaDevices.getUserMedia({ audio: false, video });
      if (this.ended.signal.aborted) return this.stopCamera();
      this.video.srcObject = this.stream;
      await this.video.play();
    } catch (error) {
      const known = { NotAllowedError: "denied", SecurityError: "denied", NotFoundError: "missing",
                      OverconstrainedError: "missing", NotReadableError: "busy", AbortError: "busy" };
      return this.fail(texts[known[error.name]] ?? texts.busy);
    }
    const [track] = this.stream.getVideoTracks();
    track.addEventListener("ended", () => this.fail(texts.ended));
    const { facingMode, deviceId } = track.getSettings();
    this.facing = facingMode ?? this.facing;
    this.seesFacing = Boolean(facingMode);
    this.current = deviceId;
    this.video.classList.toggle("mirror", facingMode !== "environment");
    this.part("problem").textContent = "";
    const cameras = (await navigator.mediaDevices.enumerateDevices()).filter(device => device.kind === "videoinput");
    this.cameras = cameras.map(device => device.deviceId);
    this.part("other").hidden = cameras.length < 2;
    this.live = true;
    this.draw();
    // On a phone the button stands at the bottom by itself, and the choices fill the screen.
    const phone = matchMedia("(max-width: 700px)").matches;
    this.part(phone ? "stage" : "controls").scrollIntoView({ block: phone ? "start" : "nearest" });
  }

  // A phone has a front and a rear one, of several lenses each; another computer's cameras take turns.
  switchCamera() {
    this.release();
    if (this.seesFacing) {
      this.facing = this.facing === "environment" ? "user" : "environment";
    } else {
      this.device = this.cameras[(this.cameras.indexOf(this.current) + 1) % this.cameras.length];
    }
    this.start();
  }

  stopCamera() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = undefined;
    this.live = false;
  }

  fail(text) {
    this.release();
    this.stopCountdown();
    this.stopCamera();
    this.part("problem").textContent = text;
    this.part("start").textContent = "Try again";
    this.draw();
  }

  ready() { return this.live && !this.data.problem && !store.trouble; }

  hold() {
    if (this.holding || !this.ready()) return;
    this.stopCountdown();
    store.burst += 1;
    this.take();
    this.holding = setInterval(() => this.take(), EVERY_MS);
    this.part("shutter").classList.add("held");
  }

  release() {
    clearInterval(this.holding);
    this.holding = undefined;
    this.part("shutter").classList.remove("held");
  }

  key(event, down) {
    if (event.key === "Tab") this.byPointer = false;
    if (event.code !== "Space" || event.ctrlKey || event.metaKey || event.altKey || !this.live) return;
    const target = event.composedPath()[0];
    if (target.closest?.(TYPING)) return;
    // A button that was clicked still has the focus: only who came to it by keys means it.
    if (target.closest?.(PRESSED) && !this.byPointer && target !== this.part("shutter")) return;
    event.preventDefault();
    event.stopPropagation();
    if (!down) this.release();
    else if (!event.repeat) this.hold();
  }

  handsFree() {
    if (this.counting) return this.stopCountdown();
    if (!this.ready()) return;
    let left = COUNT_FROM;
    const show = text => { this.part("countdown").textContent = text; };
    const tick = () => {
      if (left > 0) {
        show(String(left--));
      } else {
        show("");
        clearInterval(this.counting);
        this.burstOf(BURST);
      }
    };
    this.counting = setInterval(tick, 1000);
    tick();
    this.draw();
  }

  burstOf(pictures) {
    store.burst += 1;
    const one = () => {
      if (pictures-- > 0) this.take(); else this.stopCountdown();
    };
    this.counting = setInterval(one, EVERY_MS);
    one();
  }

  stopCountdown() {
    clearInterval(this.counting);
    this.counting = undefined;
    this.part("countdown").textContent = "";
    if (this.data) this.draw();
  }

  // One picture as the camera gives it, with what is chosen now.
  take() {
    if (!this.ready() || !this.video.videoWidth) return;
    if (waiting() >= MOST_WAITING) return this.say("Waiting for the server …");
    const { videoWidth: width, videoHeight: height } = this.video;
    Object.assign(this.canvas, { width, height });
    this.canvas.getContext("2d").drawImage(this.video, 0, 0);
    const { folder, label, person, source } = this.data;
    const chosen = { folder, label, person };
    const id = crypto.randomUUID();
    const message = { kind: "photo", id, ...chosen, source, at: Date.now(), number: ++store.number, picture: "" };
    store.messages.push(message);
    store.photos.push({ id, ...chosen, burst: store.burst, thumb: this.thumbnail(width, height), state: "waiting" });
    message.picture = this.canvas.toDataURL("image/jpeg", QUALITY);
    this.pump();
    this.draw();
  }

  thumbnail(width, height) {
    const small = document.createElement("canvas");
    Object.assign(small, { width: Math.round(width * THUMB_HEIGHT / height), height: THUMB_HEIGHT });
    small.getContext("2d").drawImage(this.video, 0, 0, small.width, small.height);
    const image = document.createElement("img");
    image.src = small.toDataURL("image/jpeg", 0.8);
    const item = document.createElement("li");
    item.append(image);
    return item;
  }

  // In order after the pictures themselves: when the server reads this it has answered them.
  takeBack(choose) {
    const free = this.mine().filter(one => !one.fixed && !one.leaving);
    if (!free.length) return;
    const photos = choose(free);
    for (const one of photos) one.leaving = true;
    store.messages.push({ kind: "back", id: crypto.randomUUID(), photos: photos.map(one => one.id) });
    this.pump();
    this.draw();
  }

  discard() {
    const unsaved = new Set(store.messages.map(message => message.id));
    store.photos = store.photos.filter(one => !unsaved.has(one.id));
    for (const one of store.photos) one.leaving = false;
    Object.assign(store, { messages: [], sentAt: 0, trouble: "" });
    this.draw();
  }

  say(text) {
    clearTimeout(this.saying);
    this.part("said").textContent = text;
    if (text) this.saying = setTimeout(() => this.say(""), SAY_MS);
  }

  flash() {
    const { classList } = this.part("stage");
    classList.add("flash");
    setTimeout(() => classList.remove("flash"), 120);
  }

  mine() { return store.photos.filter(one => one.folder === this.data.folder); }

  draw() {
    const { part, data } = this, mine = this.mine(), ready = this.ready();
    part("stage").classList.toggle("live", Boolean(this.live));
    part("controls").hidden = !this.live;
    part("now").textContent = this.live ? (data.problem || `${data.label} · ${data.person}`) : "";
    part("shutter").disabled = part("free").disabled = !ready;
    part("free").textContent = this.counting ? "Stop" : `Hands-free: 3, 2, 1, then ${BURST}`;
    part("back").disabled = part("back_burst").disabled = !mine.some(one => !one.fixed && !one.leaving);
    const kept = mine.filter(one => one.state === "kept" && !one.leaving).length, unsaved = waiting();
    const refused = [...store.refused].map(([why, times]) => `${times} × ${why}`).join(", ");
    part("tally").textContent = [`${kept} saved`, unsaved ? `${unsaved} on the way` : "",
                                 refused ? `not kept: ${refused}` : ""].filter(Boolean).join(" · ");
    part("trouble").hidden = !store.trouble;
    part("trouble").querySelector("p").textContent = store.trouble;
    const shown = mine.filter(one => !one.leaving).slice(-MOST_THUMBS).reverse();
    for (const one of shown) {
      one.thumb.className = one.state;
      one.thumb.firstChild.alt = `${one.label}, ${one.person}: ${one.state === "kept" ? "saved" : "on the way"}`;
    }
    part("strip").replaceChildren(...shown.map(one => one.thumb));
    part("whose").textContent = data.problem ? "" : `${data.label} · ${data.person}: ${data.total} in the dataset`;
    part("hints").replaceChildren(...data.hints.map(hint => {
      const item = document.createElement("li");
      item.textContent = `${hint.done ? "☑" : "☐"} ${hint.text}`;
      return item;
    }));
    part("tips").textContent = data.tips;
  }
}
