// The queue: events are made here, and go to the server in the order in which they were made. Nothing leaves the device without a receipt.
//
//   queued -> sent -> accepted | conflict | rejected        stuck: the server cannot take it as it is; it stays, and the saved file has it

import { uuid7 } from "./bytes.js";
import { Lost, Refused, call, iso, now, offset } from "./server.js";
import * as store from "./store.js";
import * as vault from "./vault.js";

export const WAITING = ["queued", "sent"];
const MOST_IN_A_BATCH = 50;
const MOST_CHARACTERS = 300000; // of one request: the server takes a megabyte
const KEPT = 30; // accepted events that stay in the list
const FIRST_PAUSE = 2000;
const LONGEST_PAUSE = 60000;
const FRESH = 5000; // what the server said so lately is not asked again
const LOCK = "diem06-desk-sender";
const LONGEST_ALONE = 900000; // milliseconds after the operator left, in which what waits may still be sent

const changed = new EventTarget();
const tabs = "BroadcastChannel" in window ? new BroadcastChannel("diem06-desk") : null;
let identity = null;
let rows = []; // what the screens show, oldest first
let net = { state: navigator.onLine ? "online" : "offline", at: 0 };
let pause = FIRST_PAUSE;
let timer = 0;
let running = null;
let again = false;
let stateAt = 0; // when the server last told how the place stands
let leftAt = null; // when the operator left, while the device is still open for what waits

/** `listener(kind, detail)` hears: rows, net, state, receipt, revoked, wipe, unknown_device, closed. */
export function listen(listener) {
  changed.addEventListener("change", (event) => listener(event.detail.kind, event.detail.detail));
}

function tell(kind, detail) {
  changed.dispatchEvent(new CustomEvent("change", { detail: { kind, detail } }));
}

export function setIdentity(known) {
  identity = known;
}

export function list() {
  return rows;
}

export function network() {
  return net;
}

export function waiting() {
  return rows.filter((row) => WAITING.includes(row.state));
}

// -- what is kept ------------------------------------------------------------------------------------------------------
/** Read everything that is kept, once the device is open. */
export async function load() {
  const kept = await store.all();
  rows = await Promise.all(kept.map(rowOf));
  tell("rows");
}

/** The operator is in: the device stays open. */
export function enter() {
  leftAt = null;
}

/** The operator has left. The key stays until what waits is sent, and at most a quarter of an hour: without it nothing can be sent. */
export function leave() {
  leftAt = Math.min(Date.now(), leftAt || Infinity);
  if (!running) closeWhenSent();
}

function closeWhenSent() {
  if (leftAt === null || !vault.isOpen()) return;
  if (waiting().length && Math.abs(Date.now() - leftAt) < LONGEST_ALONE) return;
  vault.lock();
  rows = [];
  tell("closed");
}

async function rowOf(record) {
  const known = rows.find((row) => row.id === record.id && row.state === record.state);
  const label = known ? known.label : vault.isOpen() ? (await vault.open(record.id, record)).label : "";
  const { id, sequence, at, state, act, code, count, wasRefused, annuls, message } = record;
  return { id, sequence, at, state, act, code, count, wasRefused, annuls, message, label };
}

/**
 * Store an event and resolve with its row once it is on the disk. `label` is what the list shows of the person.
 *
 * Rejects with QuotaExceededError where the disk is full: the event is then not stored, and nobody may say that it is.
 */
export async function record({ act, read, typed, count = 1, reason = "", annuls = null, refused = "", label = "" }) {
  const at = now();
  const id = uuid7(at);
  const event = { id, act, occurred_at: iso(at), offset_ms: offset(), count, reason, annuls, refused };
  if (read) event.read = read;
  if (typed) event.typed = typed;
  const { iv, sealed } = await vault.seal(id, { event, label });
  const plain = { id, at, state: "queued", act, code: refused, count, wasRefused: Boolean(refused), annuls, message: "" };
  const stored = await store.add({ ...plain, iv, sealed });
  const row = { ...plain, sequence: stored.sequence, label };
  rows.push(row);
  tell("rows");
  if (tabs) tabs.postMessage("rows");
  send();
  return row;
}

/** Take an event off the list that a person has seen. Only what has its receipt, or never can have one, goes. */
export async function dismiss(id) {
  const row = rows.find((each) => each.id === id);
  if (!row || WAITING.includes(row.state)) return;
  await store.remove([id]);
  rows = rows.filter((each) => each.id !== id);
  tell("rows");
  if (tabs) tabs.postMessage("rows");
}

/** Return the waiting and the stuck events whole, for the export. */
export async function whole() {
  const kept = (await unsent()).map(async (record) => eventOf(record));
  return Promise.all(kept);
}

/** Return the records of what has no receipt yet. */
export async function unsent() {
  return (await store.all()).filter((record) => [...WAITING, "stuck"].includes(record.state));
}

async function eventOf(record) {
  const { event } = await vault.open(record.id, record);
  return { ...event, sequence: record.sequence };
}

// -- sending -----------------------------------------------------------------------------------------------------------
function setNet(state) {
  const at = state === "online" ? now() : net.at;
  if (net.state === state && state !== "online") return;
  net = { state, at };
  tell("net");
}

/** Send what waits, and ask how the place stands. One tab at a time; asked for while it runs, it runs once more. */
export function send() {
  clearTimeout(timer);
  if (!identity) return Promise.resolve();
  if (running) {
    again = true;
    return running;
  }
  running = alone(contact).finally(() => {
    running = null;
    const left = again;
    again = false;
    closeWhenSent();
    if (left) send();
    else plan();
  });
  return running;
}

export function isSending() {
  return running !== null;
}

function alone(work) {
  // Safari before 15.4 has no locks: two tabs may then send the same, which the server knows by its id.
  if (!navigator.locks) return work();
  return navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => (lock ? work() : undefined));
}

function plan() {
  clearTimeout(timer);
  if (!identity) return;
  const wait = net.state === "online" && !waiting().length ? LONGEST_PAUSE : pause;
  timer = setTimeout(send, wait * (0.8 + 0.4 * Math.random()));
}

async function contact() {
  try {
    await contactOnce();
    pause = FIRST_PAUSE;
    setNet("online");
  } catch (fault) {
    if (fault instanceof Lost) {
      setNet("offline");
    } else if (fault instanceof Refused) {
      await refusedByServer(fault);
    } else {
      throw fault;
    }
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  }
}

async function refusedByServer(fault) {
  setNet(fault.status >= 500 || fault.status === 429 ? "troubled" : "refused");
  if (fault.code === "unknown_device" || fault.code === "bad_signature") tell("unknown_device");
  if (fault.code === "revoked") await revoked(fault.answer);
}

// First what happened before the device was withdrawn goes to the server, where it still takes it; then the device empties itself.
async function revoked(answer) {
  tell("revoked", answer);
  if (answer.send_queue && (await unsent()).some((record) => WAITING.includes(record.state))) {
    if (!vault.isOpen()) return; // sealed and of no use to anybody: it waits for the operator
    try {
      await sendQueue();
    } catch (fault) {
      if (fault instanceof Lost || (fault instanceof Refused && fault.code !== "revoked")) return;
      if (!(fault instanceof Refused)) throw fault;
    }
  }
  if (answer.wipe) tell("wipe");
}

async function contactOnce() {
  const left = (await store.all()).filter((record) => WAITING.includes(record.state));
  if (left.length && vault.isOpen()) {
    setNet("syncing");
    await sendQueue();
    if (Date.now() - stateAt < LONGEST_PAUSE) return;
  } else if (Date.now() - stateAt < FRESH) {
    return;
  }
  // Closed, it can send nothing; the unit is told that it waits.
  if (left.length && !vault.isOpen()) await call(identity, "POST", "/desk/api/events/", { queue: remaining(left), events: [] });
  const state = await call(identity, "GET", "/desk/api/state/");
  stateAt = Date.now();
  await store.put({ state, clock: { pretended: state.pretended_ms || 0, offset: offset() } });
  tell("state", state);
  if (state.wipe) tell("wipe");
}

async function sendQueue() {
  let most = MOST_IN_A_BATCH;
  for (;;) {
    const left = (await store.all()).filter((record) => WAITING.includes(record.state));
    if (!left.length) return;
    const { batch, events } = await batchOf(left, most);
    await store.change(batch.filter((record) => record.state !== "sent").map((record) => [record.id, { state: "sent" }]));
    markRows(batch.map(({ id }) => [id, { state: "sent" }]));
    const queue = remaining(left.slice(batch.length));
    let answer;
    try {
      answer = await call(identity, "POST", "/desk/api/events/", { queue, events });
    } catch (fault) {
      if (fault instanceof Refused && fault.status === 413 && most > 1) {
        most = Math.max(1, Math.floor(most / 4));
        continue;
      }
      throw fault;
    }
    const settled = await keepReceipts(batch, answer.receipts);
    if (answer.status) {
      const state = await store.get("state");
      if (state) await store.put({ state: { ...state, status: answer.status }, clock: { pretended: state.pretended_ms || 0, offset: offset() } });
      tell("state", { ...state, status: answer.status });
    }
    if (answer.wipe && settled === batch.length && left.length === batch.length) tell("wipe");
    // What failed on the server alone is tried again later, not at once.
    if (!settled) throw new Refused(503, { code: "server_error" });
  }
}

// What the unit reads of the device: how much waits when this call is done.
function remaining(left) {
  return { length: left.length, oldest_at: left.length ? iso(left[0].at) : null };
}

async function batchOf(left, most) {
  const [batch, events] = [[], []];
  let size = 0;
  for (const record of left.slice(0, most)) {
    const event = await eventOf(record);
    size += JSON.stringify(event).length;
    if (batch.length && size > MOST_CHARACTERS) break;
    batch.push(record);
    events.push(event);
  }
  return { batch, events };
}

async function keepReceipts(batch, receipts) {
  const byId = new Map(receipts.map((receipt) => [receipt.id, receipt]));
  const changes = [];
  const told = [];
  let settled = 0;
  for (const [index, record] of batch.entries()) {
    const receipt = byId.get(record.id) || (receipts[index] && !receipts[index].id ? receipts[index] : null);
    if (!receipt) continue;
    if (receipt.code === "sequence_taken") {
      await store.renumber(record.id);
      settled += 1;
    } else if (receipt.http === 200 || receipt.http === 201) {
      // The person's data have arrived: of them only what the list shows stays here.
      const label = receipt.label || (await vault.open(record.id, record)).label;
      const fields = { state: receipt.state, code: receipt.code || "", message: "" };
      changes.push([record.id, { ...fields, ...(await vault.seal(record.id, { label })) }]);
      told.push([record.id, { ...fields, label, flags: receipt.flags || [] }]);
      settled += 1;
    } else if (receipt.http === 409 || receipt.http === 400) {
      const fields = { state: "stuck", code: receipt.code, message: receipt.message || "" };
      changes.push([record.id, fields]);
      told.push([record.id, fields]);
      settled += 1;
    }
  }
  await store.change(changes);
  markRows(told);
  await prune();
  for (const [id] of told) tell("receipt", rows.find((row) => row.id === id));
  if (tabs) tabs.postMessage("rows");
  return settled;
}

function markRows(changes) {
  const byId = new Map(changes);
  rows = rows.map((row) => (byId.has(row.id) ? { ...row, ...byId.get(row.id) } : row));
  tell("rows");
}

async function prune() {
  const done = rows.filter((row) => row.state === "accepted");
  const old = done.slice(0, Math.max(0, done.length - KEPT)).map((row) => row.id);
  if (!old.length) return;
  await store.remove(old);
  rows = rows.filter((row) => !old.includes(row.id));
  tell("rows");
}

// -- when --------------------------------------------------------------------------------------------------------------
export function start() {
  window.addEventListener("online", () => {
    pause = FIRST_PAUSE;
    send();
  });
  window.addEventListener("offline", () => setNet("offline"));
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) send();
  });
  if (tabs) {
    tabs.onmessage = (event) => {
      if (event.data === "wiped") window.location.replace("/desk/");
      else if (vault.isOpen()) load();
    };
  }
  send();
}

export function stop() {
  clearTimeout(timer);
  identity = null;
}

export function tellTabsWiped() {
  if (tabs) tabs.postMessage("wiped");
}
