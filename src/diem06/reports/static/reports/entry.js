/**
 * The entry grid: keys as in Excel, blocks pasted, cells saved as they are left.
 *
 * What is typed stays on the page until the server has acknowledged it: a failed save is tried again, an expired session asks
 * to sign in elsewhere, and two people in one cell see each other's number before either is overwritten.
 */
import { post } from "../ui/csrf.js";
import { saved } from "../ui/leaving.js";

const form = document.getElementById("entry");
const status = document.getElementById("saved");
const words = (name) => document.getElementById(`words-${name}`).content.textContent;
const cells = [...form.querySelectorAll(".g .in > input:not([type=hidden])")];
const byName = new Map(cells.map((cell) => [cell.name, cell]));
const waiting = new Map(); // name -> cell, typed and not yet sent
let batch = null; // { key, values }: sent again unchanged until it is answered
let timer = 0;

if (status) start();

function start() {
  for (const cell of cells) {
    cell.dataset.before = cell.value;
    cell.addEventListener("focus", () => cell.select());
    cell.addEventListener("change", () => typed(cell));
    cell.addEventListener("keydown", (event) => move(event, cell));
    cell.addEventListener("paste", (event) => paste(event, cell));
  }
  for (const text of form.querySelectorAll("textarea[data-heading]")) text.addEventListener("change", () => write(text));
  window.addEventListener("online", send);
}

// -- keys ------------------------------------------------------------------------------------------------------------
function move(event, cell) {
  if (event.key === "Enter" || event.key === "ArrowDown") go(event, below(cell, 1));
  else if (event.key === "ArrowUp") go(event, below(cell, -1));
  else if (event.key === "ArrowRight" && atEdge(cell, 1)) go(event, beside(cell, 1));
  else if (event.key === "ArrowLeft" && atEdge(cell, -1)) go(event, beside(cell, -1));
  else if (event.key === "F2") {
    event.preventDefault();
    cell.setSelectionRange(cell.value.length, cell.value.length);
  } else if (event.key === "Escape") {
    cell.value = cell.dataset.before;
    cell.select();
  }
}

function go(event, next) {
  event.preventDefault(); // Enter never submits half a grid
  if (next) next.focus();
}

const rowOf = (cell) => cell.closest("tr");
const column = (cell) => inRow(rowOf(cell)).indexOf(cell);
const inRow = (row) => [...row.querySelectorAll(".in > input:not([type=hidden])")];

function below(cell, step) {
  const rows = [...cell.closest("table").querySelectorAll("tbody tr")].filter((row) => inRow(row).length);
  return inRow(rows[rows.indexOf(rowOf(cell)) + step] ?? document.createElement("tr"))[column(cell)];
}

const beside = (cell, step) => inRow(rowOf(cell))[column(cell) + step];

function atEdge(cell, side) {
  if (cell.selectionStart === 0 && cell.selectionEnd === cell.value.length) return true;
  return side > 0 ? cell.selectionStart === cell.value.length : cell.selectionEnd === 0;
}

// -- a block from Excel ----------------------------------------------------------------------------------------------
function paste(event, cell) {
  const text = event.clipboardData.getData("text/plain").replace(/\r\n?/g, "\n").replace(/\n$/, "");
  if (!/[\t\n]/.test(text)) return;
  event.preventDefault();
  let start = cell;
  for (const line of text.split("\n")) {
    let here = start;
    for (const value of line.split("\t")) {
      if (!here) break;
      here.value = value.trim();
      typed(here);
      here = beside(here, 1);
    }
    start = start && below(start, 1);
    if (!start) break;
  }
}

// -- saving ----------------------------------------------------------------------------------------------------------
function typed(cell) {
  if (cell.value === cell.dataset.before && !waiting.has(cell.name)) return;
  waiting.set(cell.name, cell);
  clearTimeout(timer);
  timer = setTimeout(send, 400);
}

async function send() {
  clearTimeout(timer);
  if (send.busy) return;
  if (!batch) {
    if (!waiting.size) return;
    const values = [...waiting.values()].map((cell) => ({ name: cell.name, text: cell.value, seen: cell.dataset.seen }));
    batch = { key: crypto.randomUUID(), values };
    waiting.clear();
  }
  send.busy = true;
  status.textContent = words("saving");
  try {
    await answered(await post(form.dataset.values, batch));
  } catch {
    status.textContent = words("offline");
    timer = setTimeout(send, 5000);
  } finally {
    send.busy = false;
  }
  if (!batch && waiting.size) send();
}

async function answered(response) {
  const body = response.headers.get("Content-Type")?.includes("json") ? await response.json() : {};
  if (response.status >= 500) throw new Error("server");
  if (response.status === 401) {
    status.textContent = words("signed-out");
    timer = setTimeout(send, 15000);
    return;
  }
  const sent = batch.values;
  batch = null;
  if (response.status === 409 && body.conflicts) return void conflicts(body.conflicts, sent);
  if (!response.ok) {
    status.textContent = body.message ?? words("offline");
    return;
  }
  for (const { name, text } of sent) {
    const cell = byName.get(name);
    const error = body.errors[name];
    mark(cell, error);
    if (error) continue;
    cell.dataset.seen = body.records[name];
    cell.dataset.before = text;
    cell.nextElementSibling.value = body.records[name];
  }
  document.getElementById("filled").textContent = new Intl.NumberFormat(document.documentElement.lang).format(body.filled);
  faults(body.faults);
  status.textContent = `${words("saved")} ${body.saved_at}`;
  if (!waiting.size && !Object.keys(body.errors).length) saved(form);
}

function mark(cell, error) {
  cell.parentElement.classList.toggle("hard", Boolean(error));
  let note = cell.parentElement.querySelector(".entry-why");
  if (!error) {
    cell.removeAttribute("aria-invalid");
    note?.remove();
    return;
  }
  if (!note) {
    note = document.createElement("span");
    note.className = "entry-why vh";
    note.id = `why-${cell.name}`;
    cell.parentElement.append(note);
  }
  note.textContent = error;
  cell.title = error;
  cell.setAttribute("aria-invalid", "true");
  cell.setAttribute("aria-describedby", note.id);
  status.textContent = error;
}

function faults(found) {
  const list = document.getElementById("faults");
  list.replaceChildren();
  for (const fault of found) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = `#${fault.field}`;
    link.textContent = words("go");
    const strong = document.createElement("b");
    strong.textContent = `${words("mend")}. `;
    item.append(strong, `${fault.text} `, link);
    list.append(item);
  }
  if (!found.length) {
    const item = document.createElement("li");
    item.textContent = words("none");
    list.append(item);
  }
  document.getElementById("fault-count").textContent = `${found.length} ${words("errors")}`;
}

// -- two people in one report ----------------------------------------------------------------------------------------
function conflicts(found, sent) {
  const clashing = new Map(found.map((conflict) => [conflict.name, conflict]));
  for (const { name } of sent) if (!clashing.has(name)) waiting.set(name, byName.get(name));
  for (const conflict of found) ask(byName.get(conflict.name), conflict);
  status.textContent = found[0].text;
  if (waiting.size) timer = setTimeout(send, 100);
}

function ask(cell, conflict) {
  const place = document.createElement("div");
  place.className = "note note-warn";
  place.setAttribute("role", "alert");
  const choose = (text, act) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "b";
    button.textContent = text;
    button.addEventListener("click", () => {
      cell.dataset.seen = conflict.seen;
      act();
      place.remove();
      cell.focus();
    });
    return button;
  };
  const label = document.createElement("span");
  label.textContent = `${cell.getAttribute("aria-label")}: ${conflict.text} `;
  const theirs = conflict.theirs === null ? "" : String(conflict.theirs);
  place.append(
    label,
    choose(`${words("mine")} (${cell.value})`, () => {
      waiting.set(cell.name, cell);
      send();
    }),
    choose(`${words("theirs")} (${theirs})`, () => {
      cell.value = theirs;
      cell.dataset.before = theirs;
    }),
  );
  form.before(place);
}

// -- words -----------------------------------------------------------------------------------------------------------
async function write(text, version = text.dataset.version) {
  status.textContent = words("saving");
  const body = new FormData();
  body.set("heading", text.dataset.heading);
  body.set("text", text.value);
  body.set("seen_version", version);
  try {
    const response = await post(form.dataset.narratives, body);
    const answer = response.headers.get("Content-Type")?.includes("json") ? await response.json() : {};
    if (response.ok) {
      text.dataset.version = answer.version;
      text.nextElementSibling.value = answer.version;
      status.textContent = `${words("saved")} ${answer.saved_at}`;
      if (!waiting.size && !batch) saved(form);
    } else if (response.status === 409 && "theirs" in answer) {
      const conflict = { text: answer.message, theirs: answer.theirs, seen: "" };
      askWords(text, conflict, answer.version);
    } else if (response.status === 401) {
      status.textContent = words("signed-out");
      setTimeout(() => write(text), 15000);
    } else {
      status.textContent = answer.message ?? words("offline");
    }
  } catch {
    status.textContent = words("offline");
    setTimeout(() => write(text), 5000);
  }
}

function askWords(text, conflict, version) {
  const place = document.createElement("div");
  place.className = "note note-warn";
  place.setAttribute("role", "alert");
  const quote = document.createElement("blockquote");
  quote.textContent = conflict.theirs;
  const mine = document.createElement("button");
  const theirs = document.createElement("button");
  for (const [button, name] of [[mine, "mine"], [theirs, "theirs"]]) {
    button.type = "button";
    button.className = "b";
    button.textContent = words(name);
  }
  mine.addEventListener("click", () => { place.remove(); write(text, String(version)); });
  theirs.addEventListener("click", () => { text.value = conflict.theirs; text.dataset.version = version; place.remove(); });
  place.append(conflict.text, quote, mine, theirs);
  text.before(place);
  status.textContent = conflict.text;
}
