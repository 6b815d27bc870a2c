// Sends files in pieces, one after another, until the server says that each is on its disk. What it has already, by a
// file's path, size and content, is not sent again.

// Bytes of a piece: more where the last one was quick, fewer where it took long.
const FIRST_PIECE = 2_000_000, LEAST_PIECE = 250_000, MOST_PIECE = 8_000_000, QUICK_MS = 400, SLOW_MS = 2500;
const MOST_PARTS = 1000, OFFERED = 2000, CHECKED = 32_000_000;
// No more than these are read from a folder that is dropped: the server says what is too many.
const MOST_FILES = 200_000;
const AGAIN_MS = 8000, RETRY_MS = 1500, LOOK_MS = 500, BUSY_MS = 3000, BUSY_TIMES = 8, SPEED_MS = 5000;
const NAMES = "masklab-upload:", WINDOW = "masklab-window";

const NO_ROUTE = "This server takes no uploads: start Mask Lab with make run, or with streamlit run Home.py.";

// Of this window, not of an element: sending goes on when the page's part is drawn anew.
const uploads = new Map();
const views = new WeakMap();

// Also where the page came without https, where crypto.randomUUID is not there.
const newName = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, "0")).join("");

// A browser may forbid both storages: then what broke off begins anew.
function kept(storage, act) { try { return act(window[storage]); } catch { return null; } }

// A window that is loaded anew is the same one; its copy in another tab is not.
const windowName = kept("sessionStorage", storage => storage.getItem(WINDOW)) ?? newName();
kept("sessionStorage", storage => storage.removeItem(WINDOW));
addEventListener("pagehide", () => kept("sessionStorage", storage => storage.setItem(WINDOW, windowName)));
addEventListener("pageshow", () => kept("sessionStorage", storage => storage.removeItem(WINDOW)));
addEventListener("beforeunload", event => {
  if ([...uploads.values()].some(upload => upload.state === "working")) event.preventDefault();
});

export default function ({ data, parentElement, setTriggerValue }) {
  let view = views.get(parentElement);
  if (!view) views.set(parentElement, (view = new View(parentElement)));
  view.send = message => setTriggerValue("message", message);
  view.update(data);
  return () => { view.close(); views.delete(parentElement); };
}

// What was chosen for one dataset, and how much of it the server has.
class Upload {
  constructor(folder, chosen) {
    Object.assign(this, { folder, chosen, state: "working", trouble: "", busy: 0, sentAt: 0, waitUntil: 0, late: false });
    this.most = FIRST_PIECE;
    const known = kept("localStorage", storage => storage.getItem(NAMES + folder));
    this.name = /^[0-9a-f]{32}$/.test(known ?? "") ? known : newName();
    kept("localStorage", storage => storage.setItem(NAMES + folder, this.name));
    this.total = chosen.reduce((sum, one) => sum + one.file.size, 0);
    this.restart();
  }

  // Offer everything anew, as to a server that was started anew.
  restart() {
    const count = this.chosen.length;
    Object.assign(this, { offered: 0, have: new Array(count).fill(0), bytes: 0, checks: [], anew: [], message: null });
    this.speeds = [];
    this.plan();
  }

  plan() { Object.assign(this, { cursor: 0, start: undefined }); }

  set(number, bytes) {
    this.bytes += bytes - this.have[number];
    this.have[number] = bytes;
  }

  size(number) { return this.chosen[number].file.size; }

  // Called time and again; only one at a time is at work, and one message on its way.
  async pump(view) {
    if (this.pumping) return;
    this.pumping = true;
    try {
      while (this.state === "working" && Date.now() >= this.waitUntil) {
        if (!this.message) {
          const { name: upload, folder } = this, next = await this.next();
          if (this.state !== "working") return this.plan();
          Object.assign(this, { message: { ...next, id: newName(), upload, window: windowName, folder }, sentAt: 0 });
        }
        if (this.message.blob) {
          await this.post(view.data.address);
          view.draw();
          continue;
        }
        if (Date.now() - this.sentAt < AGAIN_MS) return;
        this.late = this.sentAt > 0;
        this.sentAt = Date.now();
        const { expected, ...message } = this.message;
        return view.send(message);
      }
    } catch {
      this.fail("A file can't be read any more: it was changed, moved or deleted. Choose the files again.");
    } finally {
      this.pumping = false;
    }
  }

  // A piece, and what it is of in a line before it.
  async post(address) {
    const { blob, ...said } = this.message, started = Date.now();
    const body = new Blob([JSON.stringify(said), "\n", blob]);
    // A file that changed since it was chosen can't be read, which must not look like a broken connection.
    await blob.slice(0, 1).arrayBuffer();
    let reply, answer;
    try {
      reply = await fetch(address, { method: "POST", body });
      answer = await reply.json();
    } catch {
      answer = { gone: true };
      if (reply?.status === 404 || reply?.status === 405) return this.fail(NO_ROUTE);
    }
    // A server in front of this one may take less at once.
    if (reply?.status === 413 && this.most > LEAST_PIECE) {
      Object.assign(this, { message: null, most: Math.max(LEAST_PIECE, this.most / 2) });
      return this.plan();
    }
    if (answer.gone) {
      // The server ended, or was started anew and tells its new address soon.
      Object.assign(this, { late: true, waitUntil: Date.now() + RETRY_MS });
      return;
    }
    const took = Date.now() - started;
    if (took < QUICK_MS) this.most = Math.min(MOST_PIECE, 2 * this.most);
    if (took > SLOW_MS) this.most = Math.max(LEAST_PIECE, this.most / 2);
    this.answered({ id: said.id, ...answer });
  }

  async next() {
    const { chosen, offered } = this;
    if (offered < chosen.length) {
      const end = Math.min(offered + OFFERED, chosen.length);
      const files = chosen.slice(offered, end).map(({ path, file }) => [path, file.size]);
      return { kind: "offer", first: offered === 0, last: end === chosen.length, files };
    }
    if (this.checks.length) return this.check();
    if (this.anew.length) return { kind: "anew", files: this.anew.slice(0, OFFERED) };
    return this.piece() ?? { kind: "sent" };
  }

  async check() {
    const parts = [], expected = [];
    for (let bytes = 0; this.checks.length && parts.length < MOST_PARTS; ) {
      const [number, start, length] = this.checks[0];
      if (bytes && bytes + length > CHECKED) break;
      this.checks.shift();
      bytes += length;
      parts.push([number, start, length]);
      expected.push(crc32(await this.chosen[number].file.slice(start, start + length).arrayBuffer()));
    }
    return { kind: "check", parts, expected };
  }

  // Many small files together, or a part of a large one.
  piece() {
    const parts = [], blobs = [];
    for (let bytes = 0; this.cursor < this.chosen.length && bytes < this.most && parts.length < MOST_PARTS; ) {
      const number = this.cursor, start = this.start ?? this.have[number], left = this.size(number) - start;
      const length = Math.min(left, Math.floor(this.most) - bytes);
      if (left > 0) {
        parts.push([number, start, length]);
        blobs.push(this.chosen[number].file.slice(start, start + length));
        bytes += length;
      }
      if (length < left) this.start = start + length;
      else Object.assign(this, { cursor: number + 1, start: undefined });
    }
    return parts.length ? { parts, blob: new Blob(blobs) } : null;
  }

  answered(answer) {
    const message = this.message;
    if (!message || answer.id !== message.id) return;
    this.message = null;
    this.late = false;
    if (answer.error) return this.fail(answer.error);
    if (answer.unknown) return this.restart();
    if (answer.busy) return this.wait();
    this.busy = 0;
    this[`took_${message.kind ?? "piece"}`](message, answer);
  }

  took_offer(message, { have, skipped }) {
    for (const [number, bytes] of have) {
      this.set(number, Math.min(bytes, this.size(number)));
      if (bytes > this.size(number)) { this.anew.push(number); continue; }
      for (let start = 0; start < bytes; start += CHECKED) {
        this.checks.push([number, start, Math.min(CHECKED, bytes - start)]);
      }
    }
    for (const number of skipped) this.set(number, this.size(number));
    this.offered += message.files.length;
    this.plan();
  }

  took_check(message, { digests }) {
    const wrong = message.parts.filter((part, place) => digests[place] !== message.expected[place]);
    const other = new Set(wrong.map(([number]) => number));
    this.checks = this.checks.filter(([number]) => !other.has(number));
    this.anew.push(...other);
  }

  took_anew(message) {
    for (const number of message.files) this.set(number, 0);
    this.anew.splice(0, message.files.length);
    this.plan();
  }

  took_piece(message, { astray }) {
    for (const [number, start, length] of message.parts) this.set(number, start + length);
    for (const [number, bytes] of astray) {
      if (bytes > this.size(number)) this.anew.push(number);
      else this.set(number, bytes);
    }
    if (astray.length) this.plan();
    this.speeds = [...this.speeds.filter(([at]) => Date.now() - at < SPEED_MS), [Date.now(), this.bytes]];
  }

  took_sent(message, { complete }) {
    if (complete) this.state = "done";
    else this.restart();
  }

  // Another window sends what this browser last chose for this dataset.
  wait() {
    this.restart();
    this.waitUntil = Date.now() + BUSY_MS;
    this.busy += 1;
    if (this.busy > BUSY_TIMES) this.name = newName();
  }

  fail(trouble) { Object.assign(this, { state: "stopped", trouble }); this.plan(); }

  stop() { this.state = "stopped"; }

  again() { this.restart(); this.state = "working"; }

  goOn() {
    // What was under way when something failed is not known.
    if (this.trouble) this.restart();
    Object.assign(this, { state: "working", trouble: "", speeds: [] });
    this.plan();
  }

  // Bytes per second; nothing before there is a second to measure.
  speed() {
    const [first, last] = [this.speeds[0], this.speeds.at(-1)];
    return last && last[0] - first[0] >= 1000 ? 1000 * (last[1] - first[1]) / (last[0] - first[0]) : 0;
  }
}
class View {
  constructor(root) {
    this.part = name => root.querySelector("." + name);
    this.ended = new AbortController();
    const listen = (name, kind, act) => this.part(name).addEventListener(kind, act, { signal: this.ended.signal });
    listen("choose_files", "click", () => this.part("files").click());
    listen("choose_folder", "click", () => this.part("folder").click());
    for (const name of ["files", "folder"]) listen(name, "change", event => this.chosen(event.target));
    listen("drop", "dragover", event => { event.preventDefault(); this.part("drop").classList.add("over"); });
    listen("drop", "dragleave", () => this.part("drop").classList.remove("over"));
    listen("drop", "drop", event => this.dropped(event));
    listen("stop", "click", () => this.act(upload => upload.stop()));
    listen("go_on", "click", () => this.act(upload => upload.goOn()));
    listen("discard", "click", () => this.discard());
    // What is chosen before somebody listens would be lost.
    for (const name of ["choose_files", "choose_folder"]) this.part(name).disabled = false;
    this.part("choose_folder").hidden = !("webkitdirectory" in this.part("folder"));
    this.timer = setInterval(() => this.pump(), LOOK_MS);
  }

  close() { this.ended.abort(); clearInterval(this.timer); }

  upload() { return uploads.get(this.data.folder); }

  // What the server says: the answer to the last message, and which upload it knows.
  update(data) {
    this.data = data;
    this.part("files").accept = data.accept;
    const upload = this.upload();
    if (upload) {
      upload.answered(data.answer);
      if (upload.name === data.imported) this.forget("");
      // The server was started anew.
      else if (upload.state === "done" && data.known !== upload.name) upload.again();
    }
    this.pump();
  }

  async pump() {
    const upload = this.upload();
    if (upload && !this.data.importing) await upload.pump(this);
    this.draw();
  }

  act(change) { const upload = this.upload(); if (upload) change(upload); this.pump(); }

  chosen(input) {
    const files = [...input.files].map(file => ({ path: file.webkitRelativePath || file.name, file }));
    // Else the same files could not be chosen again.
    input.value = "";
    this.begin(files);
  }

  async dropped(event) {
    event.preventDefault();
    this.part("drop").classList.remove("over");
    const entries = [...event.dataTransfer.items].map(item => item.webkitGetAsEntry?.()).filter(Boolean);
    // What is no file of a disk, as a picture out of another page, has no entry.
    const files = entries.length ? [] : [...event.dataTransfer.files].map(file => ({ path: file.name, file }));
    this.say("Reading the folder …");
    try {
      for (const entry of entries) await walk(entry, files);
    } catch {
      return this.say("What was dropped can't be read: choose it by the buttons.");
    }
    this.begin(files);
  }

  begin(files) {
    if (!files.length) return this.say("No file was chosen.");
    if (this.data.importing) return this.say("An import is at work: choose more when it is done.");
    uploads.set(this.data.folder, new Upload(this.data.folder, separate(files)));
    this.say("");
    this.pump();
    this.part("stop").focus({ preventScroll: true });
  }

  discard() {
    const upload = this.upload();
    if (!upload) return;
    this.send({ kind: "drop", id: newName(), upload: upload.name, window: windowName, folder: upload.folder });
    this.forget("Discarded.");
    this.draw();
    this.part("choose_files").focus();
  }

  forget(said) {
    uploads.delete(this.data.folder);
    kept("localStorage", storage => storage.removeItem(NAMES + this.data.folder));
    this.say(said);
  }

  say(text) { this.said = text; this.draw(); }

  draw() {
    const { part } = this, upload = this.upload(), state = upload?.state;
    part("drop").hidden = state === "working" || state === "done";
    part("work").hidden = !upload;
    part("trouble").textContent = upload?.trouble ?? "";
    part("said").textContent = upload ? status(upload) : this.said ?? "";
    if (!upload) return;
    part("what").textContent = title(upload);
    part("count").textContent = count(upload);
    const bar = part("work").querySelector("progress");
    bar.value = upload.total ? upload.bytes / upload.total : state === "done" ? 1 : 0;
    bar.setAttribute("aria-valuetext", part("count").textContent);
    part("stop").hidden = state !== "working";
    part("go_on").hidden = state !== "stopped";
    part("discard").hidden = state === "working";
    part("discard").disabled = this.data.importing;
  }
}

const megabytes = bytes => (bytes / 1e6).toLocaleString("en-GB", { maximumFractionDigits: bytes < 1e7 ? 1 : 0 });

function title(upload) {
  const [first] = upload.chosen, many = upload.chosen.length;
  if (many === 1) return first.path;
  const folder = first.path.includes("/") ? ` of ${first.path.split("/")[0]}` : "";
  return `${many.toLocaleString("en-GB")} files${folder}`;
}

function count(upload) {
  const { offered, have } = upload;
  const whole = have.reduce((sum, bytes, number) => sum + (number < offered && bytes >= upload.size(number)), 0);
  const said = [`${megabytes(upload.bytes)} of ${megabytes(upload.total)} MB`,
                `${whole.toLocaleString("en-GB")} of ${upload.chosen.length.toLocaleString("en-GB")} files`];
  const speed = upload.state === "working" ? upload.speed() : 0;
  if (speed > 0) {
    const left = (upload.total - upload.bytes) / speed;
    said.push(`${megabytes(speed)} MB/s`, left < 90 ? `${Math.ceil(left)} s left` : `${Math.ceil(left / 60)} min left`);
  }
  return said.join(" · ");
}

// In few words that change seldom: a screen reader says each of them.
function status(upload) {
  if (upload.state === "done") return "All of it is here. Press Import.";
  if (upload.state === "stopped") return "Stopped. What was sent is kept for a day.";
  if (upload.busy) return "Another window of this browser is sending photos to this dataset: waiting for it …";
  if (upload.late) return "Waiting for the server …";
  const kind = upload.message?.kind;
  return kind === "offer" || kind === "check" ? "Looking at what is here already …" : "Sending …";
}

// Two files of one path, as of two folders of one name, stay two.
function separate(files) {
  const taken = new Set();
  return files.map(({ path, file }) => {
    let own = path;
    for (let number = 2; taken.has(own); number++) own = `${number}/${path}`;
    taken.add(own);
    return { path: own, file };
  });
}

async function walk(entry, files) {
  if (files.length >= MOST_FILES) return;
  if (entry.isFile) {
    files.push({ path: entry.fullPath.slice(1), file: await new Promise((done, fail) => entry.file(done, fail)) });
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((done, fail) => reader.readEntries(done, fail));
    if (!some.length) return;
    for (const each of some) await walk(each, files);
  }
}

// Four bytes at a time, as zlib does it.
const TABLES = (() => {
  const tables = Array.from({ length: 4 }, () => new Uint32Array(256));
  for (let byte = 0; byte < 256; byte++) {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
    tables[0][byte] = value;
  }
  for (let byte = 0; byte < 256; byte++) {
    for (let more = 1; more < 4; more++) {
      const before = tables[more - 1][byte];
      tables[more][byte] = tables[0][before & 255] ^ (before >>> 8);
    }
  }
  return tables;
})();

function crc32(buffer) {
  const bytes = new Uint8Array(buffer), whole = bytes.length & ~3, [one, two, three, four] = TABLES;
  let crc = 0xffffffff, place = 0;
  for (; place < whole; place += 4) {
    crc ^= bytes[place] | (bytes[place + 1] << 8) | (bytes[place + 2] << 16) | (bytes[place + 3] << 24);
    crc = four[crc & 255] ^ three[(crc >>> 8) & 255] ^ two[(crc >>> 16) & 255] ^ one[crc >>> 24];
  }
  for (; place < bytes.length; place++) crc = one[(crc ^ bytes[place]) & 255] ^ (crc >>> 8);
  return ~crc >>> 0;
}
