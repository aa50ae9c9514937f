/**
 * The entry grid: keys as in Excel, blocks pasted, cells saved as they are left.
 *
 * What is typed stays on the page until the server has acknowledged it: a failed save is tried again, an expired session asks
 * to sign in elsewhere, and two people in one cell see each other's number before either is overwritten.
 */
import { post } from "../ui/csrf.js";
import { saved } from "../ui/leaving.js";

const PAUSE = 400; // ms after a cell is left: several cells go in one save
const RETRY = 5000;
const LOOK = 15000; // ms between two looks at what others changed
const SHOWN_HINTS = 8;

const form = document.getElementById("entry");
const status = document.getElementById("saved");
const words = (name) => document.getElementById(`words-${name}`).content.textContent;
const cells = [...form.querySelectorAll(".g .in > input:not([type=hidden])")];
/** Colour, icon and word, as the server draws them. */
function marked(tone, text) {
  const mark = document.getElementById(`mark-${tone}`).content.firstElementChild.cloneNode(true);
  mark.append(text);
  return mark;
}
const byName = new Map(cells.map((cell) => [cell.name, cell]));
const texts = [...form.querySelectorAll("textarea[data-heading]")];
const noteOf = (cell) => form.elements[`t${cell.name.slice(1)}`];
const waiting = new Map(); // name -> cell, typed and not yet sent
let batch = null; // { key, values }: sent again unchanged until it is answered
let timer = 0;

if (status) start();

function start() {
  for (const cell of cells) {
    // After a refused post without this script the inputs hold what was typed, not what is saved.
    cell.dataset.before = cell.hasAttribute("data-refused") ? "\0" : cell.value;
    cell.dataset.noteBefore = noteOf(cell).value;
    cell.addEventListener("focus", () => chosen(cell));
    // A click chooses the cell whole, so that typing replaces it, as in Excel; a double click places the cursor.
    cell.addEventListener("mousedown", (event) => {
      if (event.detail > 1 || event.button) return;
      event.preventDefault();
      cell.focus();
      cell.select();
    });
    cell.addEventListener("change", () => typed(cell));
    cell.addEventListener("keydown", (event) => move(event, cell));
    cell.addEventListener("paste", (event) => paste(event, cell));
    noteOf(cell).addEventListener("change", () => typed(cell));
  }
  for (const text of texts) {
    text.dataset.before = text.value;
    text.addEventListener("change", () => write(text));
  }
  const note = document.getElementById("cell-note");
  note.addEventListener("change", () => {
    const cell = byName.get(note.dataset.cell);
    noteOf(cell).value = note.value.trim();
    typed(cell);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches(".entry-note input")) event.preventDefault();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault(); // an expired session would throw the whole page away
    event.stopPropagation(); // what is refused is not saved: leaving still asks
    for (const cell of cells) if (isTyped(cell)) waiting.set(cell.name, cell);
    for (const text of texts) write(text);
    if (waiting.size || batch) send();
    else say(words("saved"));
  });
  window.addEventListener("online", send);
  document.getElementById("to-submit")?.addEventListener("click", goWhenSaved);
  toAnchor();
  window.addEventListener("hashchange", toAnchor);
  if (form.dataset.changes) setInterval(() => document.hidden || look4others(), LOOK);
}

/** A link to a cell puts the cursor into it. */
function toAnchor() {
  byName.get(decodeURIComponent(location.hash.slice(1)))?.focus();
}

/** The page that checks looks at what is saved, so what was just typed goes first. */
async function goWhenSaved(event) {
  const link = event.currentTarget;
  document.activeElement?.blur();
  if (!waiting.size && !batch && texts.every((text) => text.value === text.dataset.before)) return;
  event.preventDefault();
  await Promise.all([send(), ...texts.map(write)]);
  if (!waiting.size && !batch && !cells.some(isTyped)) location.assign(link.href);
}

const isTyped = (cell) => cell.value !== cell.dataset.before || noteOf(cell).value !== cell.dataset.noteBefore;

function say(...parts) {
  status.replaceChildren(...parts);
}

/** Nothing is left to lose only when every cell and text is as the server has it. */
function tellIfSaved() {
  if (!waiting.size && !batch && !cells.some(isTyped) && texts.every((text) => text.value === text.dataset.before)) saved(form);
}

function chosen(cell) {
  cell.select();
  document.getElementById("cell").hidden = false;
  document.getElementById("cell-label").textContent = cell.getAttribute("aria-label");
  for (const name of ["last", "counted", "used"]) document.getElementById(`cell-${name}`).textContent = cell.dataset[name] || "—";
  const note = document.getElementById("cell-note");
  note.dataset.cell = cell.name;
  note.value = noteOf(cell).value;
}

// -- keys ------------------------------------------------------------------------------------------------------------
function move(event, cell) {
  if (event.isComposing || event.altKey) return;
  if (event.ctrlKey || event.metaKey) {
    if (event.key.toLowerCase() === "d") copyFromAbove(event, cell);
    return;
  }
  if (event.key === "Enter") go(event, below(cell, event.shiftKey ? -1 : 1));
  else if (event.key === "ArrowDown") go(event, below(cell, 1));
  else if (event.key === "ArrowUp") go(event, below(cell, -1));
  else if (event.key === "ArrowRight" && !event.shiftKey && atEdge(cell, 1)) go(event, beside(cell, 1));
  else if (event.key === "ArrowLeft" && !event.shiftKey && atEdge(cell, -1)) go(event, beside(cell, -1));
  else if (event.key === "F2") {
    event.preventDefault();
    cell.setSelectionRange(cell.value.length, cell.value.length);
  } else if (event.key === "Escape") {
    cell.value = cell.dataset.before === "\0" ? "" : cell.dataset.before;
    cell.select();
  }
}

function go(event, next) {
  event.preventDefault(); // Enter never submits half a grid
  if (next) next.focus();
}

function copyFromAbove(event, cell) {
  event.preventDefault();
  const above = below(cell, -1);
  if (above && !cell.readOnly) put(cell, above.value);
}

const rowOf = (cell) => cell.closest("tr");
const inRow = (row) => [...row.querySelectorAll(".in > input:not([type=hidden])")];
const inColumn = (row, index) => row?.cells[index]?.querySelector(":scope > input:not([type=hidden])");

function below(cell, step) {
  const rows = [...cell.closest("table").querySelectorAll("tbody tr")].filter((row) => inRow(row).length);
  return inColumn(rows[rows.indexOf(rowOf(cell)) + step], cell.parentElement.cellIndex);
}

const beside = (cell, step) => inRow(rowOf(cell))[inRow(rowOf(cell)).indexOf(cell) + step];

function atEdge(cell, side) {
  if (cell.selectionStart === 0 && cell.selectionEnd === cell.value.length) return true;
  return side > 0 ? cell.selectionStart === cell.value.length : cell.selectionEnd === 0;
}

// -- a block from Excel ----------------------------------------------------------------------------------------------
function paste(event, cell) {
  const text = event.clipboardData.getData("text/plain").replace(/\r\n?/g, "\n").replace(/\n$/, "");
  if (!/[\t\n]/.test(text)) return;
  event.preventDefault();
  if (cell.readOnly) return;
  const found = [...block(text, cell)];
  if (form.dataset.paste) preview(found);
  else {
    for (const [here, value] of found) put(here, value);
    say(`${words("pasted")} ${found.length}`);
  }
}

/** The cells that a block falls on, with what it says for each, from the chosen cell down and to the right. */
function* block(text, cell) {
  let start = cell;
  for (const line of text.split("\n")) {
    let here = start;
    for (const value of line.split("\t")) {
      if (!here) break;
      yield [here, value.trim()];
      here = beside(here, 1);
    }
    start = below(start, 1);
    if (!start) return;
  }
}

/** A block is looked at before it is saved: what is new, what changes, what is wrong. */
async function preview(found) {
  say(words("saving"));
  const asked = found.filter(([, value]) => value).map(([cell, text]) => ({ name: cell.name, text, seen: cell.dataset.seen }));
  try {
    const response = await post(form.dataset.paste, { cells: asked });
    const told = await bodyOf(response);
    if (response.status === 401) say(document.getElementById("words-signed-out").content.cloneNode(true));
    else if (!response.ok) say(told.message ?? words("offline"));
    else showStaged(told);
  } catch {
    say(words("offline"));
  }
}

function showStaged(told) {
  const { counts, rows } = told;
  const good = counts.new + counts.changed + counts.removed;
  const answers = [];
  if (good) answers.push([`${words("paste-save")} (${good})`, () => load(told)]);
  answers.push([words("paste-drop"), () => drop(told)]);
  const text = ["new", "changed", "same", "wrong"]
    .filter((kind) => counts[kind]).map((kind) => `${words(`paste-${kind}`)} ${counts[kind]}`).join(" · ");
  const place = question("staged", `${words("pasted")} ${rows.length}. ${text}`, answers);
  const table = document.createElement("ul");
  table.className = "entry-staged";
  for (const row of rows.filter((one) => one.verdict !== "same").slice(0, 60)) {
    const line = document.createElement("li");
    const before = row.before === null || row.before === undefined ? "—" : new Intl.NumberFormat(document.documentElement.lang).format(row.before);
    line.textContent = `${row.label}: ${before} → ${row.shown || row.text}${row.reason ? ` · ${row.reason}` : ""}`;
    if (row.reason) line.className = "is-wrong";
    table.append(line);
  }
  place.firstElementChild.after(table);
  document.getElementById("questions").append(place);
  place.querySelector("button").focus();
  say(words("paste-look"));
}

async function load(told) {
  say(words("saving"));
  const body = new FormData();
  if (told.counts.wrong) body.set("only_good", "1");
  try {
    const response = await post(told.load_url, body);
    const answer = await bodyOf(response);
    if (response.status === 401) say(document.getElementById("words-signed-out").content.cloneNode(true));
    else if (!response.ok) say(answer.message ?? words("offline"));
    else {
      await look4others(true);
      say(`${words("saved")}: ${answer.loaded ?? ""}`);
      return;
    }
  } catch {
    say(words("offline"));
  }
  showStaged(told); // nothing of it is lost: it can be tried again
}

async function drop(told) {
  say("");
  await post(told.drop_url, new FormData()).catch(() => {}); // a batch that is left expires by itself
}

function put(cell, value) {
  cell.value = value;
  cell.dispatchEvent(new Event("input", { bubbles: true })); // leaving the page now asks
  typed(cell);
}

// -- saving ----------------------------------------------------------------------------------------------------------
function typed(cell) {
  if (!isTyped(cell) && !waiting.has(cell.name) && !cell.hasAttribute("aria-invalid")) return;
  waiting.set(cell.name, cell);
  again(PAUSE);
}

function again(wait) {
  clearTimeout(timer);
  timer = setTimeout(send, wait);
}

async function send() {
  clearTimeout(timer);
  if (send.busy) return;
  if (!batch) {
    if (!waiting.size) return;
    const values = [...waiting.values()].map((cell) => ({
      name: cell.name, text: cell.value, note: noteOf(cell).value, seen: cell.dataset.seen,
    }));
    batch = { key: uuid(), values };
    waiting.clear();
  }
  send.busy = true;
  say(words("saving"));
  try {
    await answered(await post(form.dataset.values, batch));
  } catch {
    say(words("offline"));
    again(RETRY);
  } finally {
    send.busy = false;
  }
  if (!batch && waiting.size) again(PAUSE);
}

/** crypto.randomUUID is missing where the page comes over plain http. */
function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** Say that the person has to sign in, or may not save, and try the same save again. True if that is so. */
function isHeldBack(response, retry) {
  if (response.status === 401) say(document.getElementById("words-signed-out").content.cloneNode(true));
  else if (response.status === 403) say(words("refused"));
  else return false;
  setTimeout(retry, RETRY);
  return true;
}

const bodyOf = async (response) =>
  response.headers.get("Content-Type")?.includes("json") ? response.json() : {};

async function answered(response) {
  if (response.status >= 500) throw new Error("server");
  if (isHeldBack(response, send)) return;
  const body = await bodyOf(response);
  const sent = batch.values;
  batch = null;
  if (response.status === 409 && body.conflicts) {
    conflicts(body.conflicts, sent);
    return;
  }
  if (!response.ok) {
    say(body.message ?? words("offline"));
    return;
  }
  for (const { name, text, note } of sent) {
    if (body.errors[name]) continue;
    const cell = byName.get(name);
    cell.dataset.before = text;
    cell.dataset.noteBefore = note;
    saw(cell, body.records[name]);
  }
  look(sent, body);
  say(Object.values(body.errors)[0] ?? `${words("saved")} ${body.saved_at}`);
  tellIfSaved();
}

/** The record that now stands behind a cell: what the next save of it says that the person saw. */
function saw(cell, record) {
  cell.dataset.seen = record;
  form.elements[`s${cell.name.slice(1)}`].value = record;
}

// -- what is wrong ---------------------------------------------------------------------------------------------------
function look(sent, body) {
  const wrong = new Map(body.faults.map((fault) => [fault.field, fault.text]));
  const isSent = new Set(sent.map(({ name }) => name));
  for (const cell of cells) {
    // A text that was refused before and not sent now is still refused.
    const stays = !isSent.has(cell.name) && isTyped(cell) && cell.hasAttribute("aria-invalid");
    if (!stays) mark(cell, body.errors[cell.name] ?? wrong.get(cell.name) ?? "", hintOf(cell));
    change(cell);
    showNoted(cell);
  }
  list("faults", body.faults.map((fault) => [marked("miss", words("mend")), fault.text, fault.field]));
  if (!body.faults.length) document.getElementById("faults").append(item(marked("met", words("none"))));
  const repeated = cells.filter(repeats).slice(0, SHOWN_HINTS);
  list("hints", repeated.map((cell) => [marked("risk", words("repeated")), `${cell.getAttribute("aria-label")}: ${cell.value}.`, cell.name]));
  const count = new Intl.NumberFormat(document.documentElement.lang).format(body.filled);
  for (const id of ["filled", "filled-2"]) document.getElementById(id).textContent = count;
  document.getElementById("fault-count").textContent = body.faults.length;
  const to = document.getElementById("to-fault");
  to.hidden = !body.faults.length;
  if (body.faults.length) to.href = `#${body.faults[0].field}`;
}

/** A whole number as the server reads it, its thousands apart by dots or spaces; else NaN. */
const read = (text) => {
  const digits = text.trim();
  return /^\d{1,15}$|^\d{1,3}([.\s]\d{3}){1,4}$/.test(digits) ? Number(digits.replace(/[.\s]/g, "")) : NaN;
};
const repeats = (cell) => "flow" in cell.dataset && read(cell.value) === Number(cell.dataset.flow);

function hintOf(cell) {
  if (repeats(cell)) return words("repeated");
  return !cell.value && noteOf(cell).value ? words("absent") : "";
}

function mark(cell, error, hint) {
  const place = cell.parentElement;
  const id = `why${cell.name.slice(1)}`;
  const text = error || hint;
  place.classList.toggle("hard", Boolean(error));
  place.classList.toggle("soft", Boolean(hint && !error));
  if (!isTyped(cell)) place.classList.remove("back"); // a changed cell is put right
  const before = document.getElementById(id);
  (before?.closest("tr.why") ?? before)?.remove();
  for (const name of ["aria-invalid", "aria-describedby", "title"]) cell.removeAttribute(name);
  if (!text) return;
  if (error) cell.setAttribute("aria-invalid", "true");
  cell.setAttribute("aria-describedby", id);
  cell.title = text;
  if (!cell.closest(".stack")) {
    const said = document.createElement("span");
    said.textContent = text;
    said.className = "vh";
    said.id = id;
    place.append(said);
    return;
  }
  const row = document.createElement("tr");
  row.className = "why";
  const why = row.insertCell();
  why.colSpan = rowOf(cell).cells.length;
  why.id = id;
  why.append(marked(error ? "miss" : "risk", text));
  rowOf(cell).after(row);
}

function change(cell) {
  const place = rowOf(cell).querySelector(".dif");
  if (!place) return;
  const by = read(cell.value) - read(cell.dataset.last);
  const shown = new Intl.NumberFormat(document.documentElement.lang, { signDisplay: "exceptZero" });
  place.textContent = Number.isNaN(by) ? "" : shown.format(by).replace("-", "−");
}

/** A corner shows that a cell of a matrix has a note, which has no column there. */
function showNoted(cell) {
  if (noteOf(cell).type !== "hidden") return;
  cell.parentElement.querySelector(".entry-noted")?.remove();
  if (!noteOf(cell).value) return;
  const sign = document.createElement("span");
  sign.className = "entry-noted";
  sign.setAttribute("aria-hidden", "true");
  cell.parentElement.append(sign);
}

function list(id, found) {
  const items = found.map(([what, text, field]) => {
    const told = document.createElement("p");
    const link = document.createElement("a");
    link.href = `#${field}`;
    link.textContent = words("go");
    told.append(`${text} `, link);
    return item(what, told);
  });
  document.getElementById(id).replaceChildren(...items);
}

function item(...parts) {
  const made = document.createElement("li");
  made.append(...parts);
  return made;
}

// -- two people in one report ----------------------------------------------------------------------------------------
function conflicts(found, sent) {
  const clashing = new Set(found.map((conflict) => conflict.name));
  for (const { name } of sent) if (!clashing.has(name)) waiting.set(name, byName.get(name));
  for (const conflict of found) ask(byName.get(conflict.name), conflict);
  say(found[0].text);
}

function ask(cell, conflict) {
  const theirs = conflict.theirs === null ? "" : String(conflict.theirs);
  const keepMine = () => {
    saw(cell, conflict.seen);
    waiting.set(cell.name, cell);
    cell.focus();
    send();
  };
  const takeTheirs = () => {
    saw(cell, conflict.seen);
    cell.value = theirs;
    cell.dataset.before = theirs;
    cell.dataset.noteBefore = noteOf(cell).value;
    cell.focus();
    tellIfSaved();
  };
  const text = `${cell.getAttribute("aria-label")}: ${conflict.text} `;
  const answers = [
    [`${words("mine")} (${cell.value || "—"})`, keepMine],
    [`${words("theirs")} (${theirs || "—"})`, takeTheirs],
  ];
  document.getElementById("questions").append(question(`both${cell.name}`, text, answers));
}

/** A question with two answers. The same question stands on the page once. */
function question(id, text, answers) {
  document.getElementById(id)?.remove();
  const place = document.createElement("div");
  place.className = "note note-warn entry-both";
  place.id = id;
  place.setAttribute("role", "alert");
  const label = document.createElement("p");
  label.textContent = text;
  place.append(label);
  for (const [name, act] of answers) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "b";
    button.textContent = name;
    button.addEventListener("click", () => {
      place.remove();
      act();
    });
    place.append(button);
  }
  return place;
}

/**
 * Show what others changed since the page was made. A cell or text that nobody here is typing in takes the new value; beside
 * one that is being typed in it is only told, and its save will ask. `mine` takes in what this person saved by another way.
 */
async function look4others(mine = false) {
  try {
    const url = `${form.dataset.changes}?since=${encodeURIComponent(form.dataset.since)}${mine ? "&mine=1" : ""}`;
    const response = await fetch(url, { headers: { Accept: "application/json" } });
    if (!response.ok) return;
    const told = await response.json();
    form.dataset.since = told.now;
    for (const one of told.values) if (byName.has(one.name)) theyChanged(byName.get(one.name), one, mine);
    for (const one of told.narratives) theyWrote(texts.find((text) => text.dataset.heading === one.heading), one);
  } catch {
    // looked at again by and by
  }
}

function theyChanged(cell, one, mine) {
  if (cell.dataset.seen === one.seen) return;
  const isBusy = !mine && (isTyped(cell) || document.activeElement === cell || waiting.has(cell.name) || sending(cell.name));
  if (!isBusy) {
    cell.value = one.value;
    cell.dataset.before = one.value;
    noteOf(cell).value = one.note;
    cell.dataset.noteBefore = one.note;
    saw(cell, one.seen);
    change(cell);
    showNoted(cell);
  }
  if (!mine) tellBeside(cell.parentElement, `other${cell.name}`, one.words);
}

const sending = (name) => Boolean(batch?.values.some((value) => value.name === name));

function theyWrote(text, one) {
  if (!text || text.dataset.version === String(one.version)) return;
  if (text.value === text.dataset.before && document.activeElement !== text) {
    text.value = one.text;
    text.dataset.before = one.text;
    keepVersion(text, one.version);
  }
  tellBeside(text.parentElement, `other-${text.dataset.heading}`, one.words);
}

function tellBeside(place, id, text) {
  document.getElementById(id)?.remove();
  const told = document.createElement("span");
  told.className = "entry-other";
  told.id = id;
  told.textContent = text;
  place.append(told);
  say(text);
}

// -- words -----------------------------------------------------------------------------------------------------------
async function write(text) {
  if (text.value === text.dataset.before) return;
  say(words("saving"));
  const sent = text.value;
  const body = new FormData();
  body.set("heading", text.dataset.heading);
  body.set("text", sent);
  body.set("seen_version", text.dataset.version);
  try {
    const response = await post(form.dataset.narratives, body);
    if (response.status >= 500) throw new Error("server");
    if (isHeldBack(response, () => write(text))) return;
    const answer = await bodyOf(response);
    if (response.status === 409 && "theirs" in answer) askWords(text, answer);
    else if (!response.ok) say(answer.message ?? words("offline"));
    else {
      keepVersion(text, answer.version);
      text.dataset.before = sent;
      say(`${words("saved")} ${answer.saved_at}`);
      tellIfSaved();
    }
  } catch {
    say(words("offline"));
    setTimeout(() => write(text), RETRY);
  }
}

function keepVersion(text, version) {
  text.dataset.version = version;
  form.elements[`nv-${text.dataset.heading}`].value = version;
}

function askWords(text, { message, theirs, version }) {
  const keepMine = () => {
    keepVersion(text, version);
    write(text);
  };
  const takeTheirs = () => {
    keepVersion(text, version);
    text.value = theirs;
    text.dataset.before = theirs;
    tellIfSaved();
  };
  const place = question(`both-${text.dataset.heading}`, message, [
    [words("mine"), keepMine],
    [words("theirs"), takeTheirs],
  ]);
  const quote = document.createElement("blockquote");
  quote.textContent = theirs;
  place.firstElementChild.after(quote);
  text.before(place);
  say(message);
}
