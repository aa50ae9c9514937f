// The desk: its screens, and what a scan, a key or a press leads to. What may be done here comes from the server as acts; this code knows
// no act by name.

import { watch } from "./camera.js";
import { icon, line } from "./parts.js";
import * as queue from "./queue.js";
import { labelOf, read } from "./reader.js";
import { Lost, Refused, call, enrol, now, offset, setClock } from "./server.js";
import { play } from "./sound.js";
import * as store from "./store.js";
import * as vault from "./vault.js";
import { listenToScanners } from "./wedge.js";
import { currentLanguage, firstLanguage, number, pick, say, speak } from "./words.js";

const VERSION = 1; // of the protocol that this app speaks
const SAME_CARD = 4000; // milliseconds in which a second read of one card is the same showing of it
const SHOWN = 30; // rows of the list
const CLOCK_LIMIT = 300000;
const VIETNAM = 7 * 3600000; // one time, without summer: whatever zone the device is set to
const LOW_STORAGE = 50 * 1024 * 1024;
const OLD_QUEUE = 4 * 3600000;
const QUIET = 60000; // without a scan, before a new version may take over
const TOOLS = 4; // of the buttons that are no scan, in one row
const IDLE_CHECK = 5000;
const MARKS = [70, 85, 95, 100];
const SCREENS = ["loading", "enrol", "pin", "unlock", "desk", "ask", "typed", "detail", "rejected", "settings", "wiped"];

const find = (id) => document.getElementById(id);
let identity = null;
let state = null; // what the server last told of the place
let settings = { language: firstLanguage(), sound: true, lockAfter: 10 }; // lockAfter: minutes without use
let screen = "loading";
let isIn = false; // whether the operator is in: the PIN was given, and nobody has locked the device since
let used = { at: Date.now(), tick: performance.now() }; // when it was last touched, by both clocks
let fresh = null; // a new version that waits to take over
let act = null; // what a scan means now
let pending = null; // {act, count, reason}: what the next scan is about, asked for beforehand
let asked = null; // what the ask screen is about
let chosen = null; // the row of the detail screen
let shown = null; // the row whose result is on the screen
let last = { text: "", act: "", at: -Infinity };
let lastScanAt = 0;
let stopCamera = null;
let recording = Promise.resolve();
const warnings = new Map(); // what is wrong with the device now

// -- start -------------------------------------------------------------------------------------------------------------
async function start() {
  speak(settings.language);
  wire();
  if (!window.isSecureContext || !window.indexedDB || !window.crypto || !crypto.subtle) {
    warn("browser", "bad", say("old_browser"));
    return;
  }
  keepShell();
  identity = await store.get("identity");
  settings = { ...settings, ...(await store.get("settings")) };
  speak(settings.language);
  listenToScanners({ onScan: scanned, onKey: pressed });
  queue.listen(heard);
  if (!identity) {
    show("enrol");
    await codeFromLink();
    return;
  }
  const clock = await store.get("clock");
  if (clock) setClock(clock);
  setState(await store.get("state"));
  queue.setIdentity(identity);
  if (await store.get("pin")) await showUnlock();
  else show("pin");
  queue.start();
}

async function codeFromLink() {
  const found = /^#(?:code|enrol)=(.+)$/.exec(window.location.hash);
  if (!found) return;
  find("enrol-code").value = decodeURIComponent(found[1]);
  window.history.replaceState(null, "", window.location.pathname);
  find("enrol-name").focus();
}

// The service worker keeps the app. A new version takes over where nothing can be lost: before the operator is in, or by a press.
async function keepShell() {
  if (!navigator.serviceWorker) return;
  try {
    const had = navigator.serviceWorker.controller !== null;
    const registration = await navigator.serviceWorker.register(document.body.dataset.worker, { scope: "/desk/" });
    const offer = () => registration.waiting && had && offerUpdate(registration.waiting);
    registration.addEventListener("updatefound", () => {
      const found = registration.installing;
      if (found) found.addEventListener("statechange", offer);
    });
    navigator.serviceWorker.addEventListener("controllerchange", () => had && reloadWhenQuiet());
    offer();
    setInterval(() => navigator.onLine && registration.update().catch(() => {}), 3600000);
  } catch {
    // Without a worker the desk works as long as its page is open.
  }
}

function offerUpdate(worker) {
  fresh = worker;
  if (!isIn && !vault.isOpen()) takeUpdate();
  else warn("update", "warn", say("update"), say("update_do"), takeUpdate);
}

function takeUpdate() {
  if (fresh) fresh.postMessage("take over");
}

function reloadWhenQuiet() {
  // Locked, it may still be sending: a reload would take the key away.
  if (queue.isSending() || (!isIn && vault.isOpen()) || (screen === "desk" && Date.now() - lastScanAt < 2000)) setTimeout(reloadWhenQuiet, 1000);
  else recording.finally(() => window.location.reload());
}

// -- screens -----------------------------------------------------------------------------------------------------------
function show(name) {
  if (name !== "desk") closeCamera();
  screen = name;
  for (const each of SCREENS) find(`screen-${each}`).hidden = each !== name;
  const isInside = ["desk", "ask", "typed", "detail", "rejected", "settings"].includes(name);
  find("open-settings").hidden = !isInside;
  find("net").hidden = !identity;
  drawTop();
  const focus = { enrol: "enrol-code", pin: "pin-first", unlock: "unlock-pin", desk: "scan", typed: "typed-number" }[name] || `${name}-title`;
  const target = find(focus);
  if (target) target.focus({ preventScroll: name === "desk" });
  window.scrollTo(0, 0);
}

function showDesk() {
  show("desk");
  drawDesk();
}

function showUnlock() {
  show("unlock");
  return drawUnlock();
}

// What waits is sealed under the PIN: after a restart nobody but the operator can let it go on.
async function drawUnlock() {
  const kept = (await store.all()).filter((record) => queue.WAITING.includes(record.state));
  const box = find("unlock-waiting");
  const words = kept.length ? say("unlock_waiting", { n: number(kept.length), age: ageOf(kept[0].at) }) : say("unlock_none");
  const more = kept.length ? say(vault.isOpen() ? "unlock_goes_on" : "unlock_held") : "";
  box.className = kept.length ? `note waits${vault.isOpen() ? "" : " note-warn"}` : "hint waits";
  box.replaceChildren(...(more ? [line("p", "", line("b", "", words)), line("p", "", more)] : [words]));
}

function drawTop() {
  const place = state && state.place;
  const names = place ? [place.of, place.name].filter(Boolean) : [say("app")];
  find("place").replaceChildren(...names.map((name) => line("span", "", name)));
  const parts = [state && state.is_made_up && say("made_up"), identity && say("device_line", { device: identity.code })];
  find("place-sub").textContent = parts.filter(Boolean).join(" · ");
  drawNet();
}

function drawNet() {
  const { state: name } = queue.network();
  const looks = { online: ["net-on", "circle-check"], syncing: ["net-sync", "refresh"], offline: ["", "cloud-off"] }[name] || ["", "alert-triangle"];
  const chip = find("net");
  chip.className = `net ${looks[0]}`;
  chip.replaceChildren(icon(looks[1]), say(`net_${name}`));
}

function drawDesk() {
  if (!isIn) return;
  drawActs();
  drawOccupancy();
  drawList();
  if (!shown) rest();
}

function redraw() {
  speak(settings.language);
  for (const button of document.querySelectorAll('[data-do="language"]')) button.textContent = settings.language === "vi" ? "English" : "Tiếng Việt";
  drawTop();
  drawDesk();
  drawWarnings();
  if (screen === "unlock") drawUnlock();
  if (screen === "settings") drawAbout();
  if (screen === "rejected") drawRejected();
}

// -- warnings ----------------------------------------------------------------------------------------------------------
function warn(name, tone, text, button = "", press = null) {
  const known = warnings.get(name);
  if (known && known.text === text) return;
  warnings.set(name, { tone, text, button, press });
  drawWarnings();
}

function calm(name) {
  if (warnings.delete(name)) drawWarnings();
}

function drawWarnings() {
  const notes = [...warnings.values()].map(({ tone, text, button, press }) => {
    const note = line("div", `note note-${tone} note-line`, line("span", "words", text));
    if (button) {
      const made = line("button", "b", button);
      made.type = "button";
      made.addEventListener("click", press);
      note.append(made);
    }
    return note;
  });
  find("notices").replaceChildren(...notes);
}

async function look() {
  const off = offset();
  if (off !== null && Math.abs(off) > CLOCK_LIMIT) warn("clock", "warn", say("warn_clock", { n: number(Math.round(Math.abs(off) / 60000)) }));
  else calm("clock");
  const oldest = queue.waiting()[0];
  if (oldest && now() - oldest.at > OLD_QUEUE) warn("age", "bad", say("warn_age", { age: ageOf(oldest.at) }));
  else calm("age");
  const free = await freeBytes();
  if (free !== null && free < LOW_STORAGE) warn("storage", "bad", say("warn_storage", { n: number(Math.floor(free / 1048576)) }));
  else calm("storage");
}

async function freeBytes() {
  if (!navigator.storage || !navigator.storage.estimate) return null;
  const { quota, usage } = await navigator.storage.estimate();
  return quota - usage;
}

// -- what the server and the queue tell --------------------------------------------------------------------------------
function setState(told) {
  state = told || state;
  if (!state) return;
  const codes = state.acts.map((each) => each.code);
  if (!act || !codes.includes(act.code)) act = state.acts.find((each) => each.is_default) || state.acts.find(isMode) || null;
  else act = state.acts.find((each) => each.code === act.code);
  if (Number(state.minimum_version) > VERSION) warn("version", "bad", say("warn_version"));
}

function heard(kind, detail) {
  if (!isIn && ["rows", "net", "closed"].includes(kind)) {
    if (kind === "net") drawNet();
    if (screen === "unlock") drawUnlock();
    if (kind === "closed") takeUpdate();
    return;
  }
  if (kind === "net") {
    drawNet();
    drawList();
  }
  if (kind === "state") {
    setState(detail);
    drawTop();
    if (isIn) {
      drawActs();
      drawOccupancy();
    }
    calm("revoked");
    calm("unknown");
  }
  if (kind === "rows") drawList();
  if (kind === "receipt") receipt(detail);
  if (kind === "revoked") warn("revoked", "bad", say(detail.send_queue && queue.waiting().length ? "warn_revoked_send" : "warn_revoked"));
  if (kind === "unknown_device") warn("unknown", "bad", say("warn_unknown"));
  if (kind === "wipe") wipe();
  if (kind !== "receipt") look();
}

async function wipe() {
  const known = identity;
  if (!known) return;
  identity = null;
  isIn = false;
  queue.stop();
  const left = (await store.all()).filter((record) => queue.WAITING.includes(record.state)).length;
  await emptyDevice();
  show("wiped");
  // Told last, and with a key that now lives in memory alone. An answer is not waited for twice.
  call(known, "POST", "/desk/api/wiped/", { left }).catch(() => {});
}

async function emptyDevice() {
  vault.lock();
  await store.empty();
  if (window.caches) for (const name of await caches.keys()) await caches.delete(name);
  if (navigator.serviceWorker) for (const each of await navigator.serviceWorker.getRegistrations()) await each.unregister();
  queue.tellTabsWiped();
  state = act = pending = shown = null;
}

// -- enrolment, PIN ----------------------------------------------------------------------------------------------------
async function enrolled(event) {
  event.preventDefault();
  const [code, name] = [find("enrol-code").value.trim(), find("enrol-name").value.trim()];
  if (!code || !name) {
    complain("enrol", say(code ? "enrol_name_needed" : "enrol_code_needed"), code ? "enrol-name" : "enrol-code");
    return;
  }
  const { privateKey, publicKey } = await vault.makeDeviceKey();
  const content = { code, public_key: publicKey, name, version: String(VERSION), user_agent: navigator.userAgent.slice(0, 300) };
  try {
    const answer = await enrol(content);
    identity = { code: answer.device, name, privateKey, publicKey, escrowKey: answer.escrow_key };
    const clock = { pretended: answer.state.pretended_ms || 0, offset: offset() };
    await store.put({ identity, state: answer.state, clock, settings });
  } catch (fault) {
    if (!(fault instanceof Lost || fault instanceof Refused)) throw fault;
    complain("enrol", fault instanceof Refused ? fault.message : say("enrol_offline"), "enrol-code");
    return;
  }
  complain("enrol", "");
  setState(await store.get("state"));
  queue.setIdentity(identity);
  show("pin");
}

async function pinSet(event) {
  event.preventDefault();
  const [first, second] = [find("pin-first").value, find("pin-second").value];
  const fault = vault.pinFault(first) || (first === second ? "" : "pin_differs");
  complain("pin", fault && say(fault), "pin-first");
  if (fault) return;
  await vault.setPin(first, identity.escrowKey);
  find("pin").reset();
  if (navigator.storage && navigator.storage.persist) navigator.storage.persist().catch(() => {});
  queue.start();
  await inside();
}

async function unlocked(event) {
  event.preventDefault();
  const pin = find("unlock-pin").value;
  find("unlock").reset();
  if (vault.pinFault(pin) === "pin_shape") {
    complain("unlock", say("pin_shape"), "unlock-pin"); // no guess
    return;
  }
  const { ok, wait } = await vault.unlock(pin, Date.now());
  const words = ok ? "" : wait > 0 ? say("pin_wait", { n: Math.ceil(wait / 1000) }) : say("pin_wrong");
  complain("unlock", words, "unlock-pin");
  if (!ok) return;
  calm("locked");
  await inside();
}

async function inside() {
  isIn = true;
  used = { at: Date.now(), tick: performance.now() };
  queue.enter();
  await queue.load();
  showDesk();
  queue.send();
}

// Nothing of anybody stays on the screen. What waits is sent on; the key goes with the last of it (see `queue.leave`).
function lock() {
  isIn = false;
  shown = pending = chosen = asked = null;
  last = { text: "", act: "", at: -Infinity };
  for (const id of ["ask", "typed", "pin-change"]) find(id).reset();
  for (const id of ["hit", "list", "rejected", "detail"]) find(id).replaceChildren();
  for (const id of ["detail-said", "export-said", "pin-change-said"]) find(id).textContent = "";
  closeCamera();
  // A scan that is still being stored needs the key.
  recording.finally(() => isIn || queue.leave());
  return showUnlock();
}

// By two clocks: one may be set, the other may stand still while the device sleeps.
function isIdle() {
  const idle = Math.max(Date.now() - used.at, performance.now() - used.tick);
  return isIn && idle > settings.lockAfter * 60000;
}

// The touch that finds it idle opens the lock screen, and does nothing else.
function touch(event) {
  if (!isIdle()) {
    used = { at: Date.now(), tick: performance.now() };
    return;
  }
  lock();
  if (event) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}

async function pinChanged(event) {
  event.preventDefault();
  const [old, next] = [find("pin-old").value, find("pin-new").value];
  find("pin-change").reset();
  find("pin-change-said").textContent = "";
  const shape = vault.pinFault(next);
  const fault = shape || ((await vault.changePin(old, next)) ? "" : "pin_wrong");
  complain("pin-change", fault && say(fault), shape ? "pin-new" : "pin-old");
  if (!fault) find("pin-change-said").textContent = say("pin_changed");
}

function complain(form, words, field = "") {
  const place = find(`${form}-error`);
  place.hidden = !words;
  place.textContent = words;
  if (words && field) find(field).focus();
}

// -- acts --------------------------------------------------------------------------------------------------------------
const asks = (each, what) => each.asks.includes(what) || each.needs.includes(what);

// An act that a scan alone fulfils can be the one that scans mean; any other is done by a press, which may ask for more.
function isMode(each) {
  return asks(each, "bearer") && !each.needs.includes("count") && !each.needs.includes("reason");
}

function drawActs() {
  const acts = state ? state.acts : [];
  const modes = acts.filter(isMode);
  find("modes").hidden = modes.length < 2;
  find("modes").replaceChildren(
    ...modes.map((each) => {
      const button = actButton(each, () => choose(each));
      button.setAttribute("aria-pressed", String(act !== null && each.code === act.code));
      return button;
    }),
  );
  const tools = acts.filter((each) => !isMode(each)).map((each) => actButton(each, () => ask(each)));
  if (act && asks(act, "count")) tools.unshift(toolButton("group", "users", "F8", () => ask(act)));
  const typing = act ? [toolButton("type", "keyboard", "F2", showTyped)] : [];
  // One row at the thumb: what does not fit in it unfolds.
  const isLong = tools.length + typing.length > TOOLS;
  const folded = isLong && !settings.unfolded ? tools.slice(0, TOOLS - 1 - typing.length) : tools;
  find("tools").replaceChildren(...folded, ...typing, ...(isLong ? [moreButton()] : []));
  find("scan").disabled = !act;
  find("scan-words").textContent = stopCamera ? say("camera_close") : pending ? say("scan_count", { n: number(pending.count) }) : say("scan");
}

function actButton(each, press) {
  const button = line("button", "b", icon(each.icon), line("span", "", pick(each.title)));
  button.type = "button";
  if (each.key) button.setAttribute("aria-keyshortcuts", each.key);
  button.addEventListener("click", press);
  return button;
}

function toolButton(key, name, shortcut, press) {
  const button = line("button", "b", icon(name), line("span", "", say(key)));
  button.type = "button";
  button.setAttribute("aria-keyshortcuts", shortcut);
  button.addEventListener("click", press);
  return button;
}

function moreButton() {
  const isOpen = Boolean(settings.unfolded);
  const button = line("button", "b", icon(isOpen ? "chevron-down" : "chevron-up"), line("span", "", say(isOpen ? "less" : "more")));
  button.type = "button";
  button.setAttribute("aria-expanded", String(isOpen));
  button.addEventListener("click", async () => {
    await set({ unfolded: !isOpen });
    drawActs();
    find("tools").querySelector("[aria-expanded]").focus();
  });
  return button;
}

function choose(each) {
  act = each;
  pending = null;
  drawActs();
  const pressedNow = find("modes").querySelector('[aria-pressed="true"]');
  if (pressedNow) pressedNow.focus();
}

// Ask for what an act wants before it can be done.
function ask(each) {
  if (!asks(each, "count") && !each.needs.includes("reason")) {
    if (asks(each, "bearer")) choose(each);
    else keep({ act: each });
    return;
  }
  asked = each;
  find("ask-title").textContent = pick(each.title);
  find("ask-count-field").hidden = !asks(each, "count");
  find("ask-reason-field").hidden = !asks(each, "reason");
  find("ask-count").value = asks(each, "bearer") ? "2" : "1";
  find("ask-reason").value = "";
  find("ask-do").textContent = asks(each, "bearer") ? say("then_scan") : say("record");
  find("ask-without").hidden = !asks(each, "bearer") || each.needs.includes("bearer");
  complain("ask", "");
  show("ask");
  const first = asks(each, "count") ? find("ask-count") : find("ask-reason");
  first.focus();
  first.select();
}

async function askDone(event) {
  event.preventDefault();
  const isWithout = event.type === "click";
  const count = asks(asked, "count") ? Number(find("ask-count").value) : 1;
  const reason = find("ask-reason").value.trim();
  if (!Number.isInteger(count) || count < 1 || count > 100000) return complain("ask", say("count_needed"), "ask-count");
  if (asked.needs.includes("reason") && !reason) return complain("ask", say("reason_needed"), "ask-reason");
  const wanted = { act: asked, count, reason };
  if (asks(asked, "bearer") && !isWithout) {
    pending = wanted;
    showDesk();
    rest();
    return undefined;
  }
  showDesk();
  return keep(wanted);
}

function step(by) {
  const field = find("ask-count");
  field.value = String(Math.min(100000, Math.max(1, (Number(field.value) || 1) + by)));
}

// -- a scan ------------------------------------------------------------------------------------------------------------
function scanned(text) {
  touch();
  lastScanAt = Date.now();
  if (screen === "enrol") {
    const found = /#(?:code|enrol)=(.+)$/.exec(text.trim());
    find("enrol-code").value = found ? decodeURIComponent(found[1]) : text.trim();
    find("enrol-name").focus();
  } else if (isIn) {
    if (screen !== "desk") showDesk();
    taken(text);
  } else if (identity) {
    warn("locked", "bad", say("scan_locked"));
    sound("bad");
  }
}

function taken(text) {
  const wanted = pending || { act, count: 1, reason: "" };
  if (!wanted.act) {
    result({ tone: "bad", mark: "circle-x", words: say("not_taken"), details: [say("no_act")] });
    return;
  }
  const time = performance.now();
  if (text === last.text && wanted.act.code === last.act && time - last.at < SAME_CARD) {
    result({ tone: "warn", mark: "alert-triangle", words: say("same_again"), details: [say("same_again_hint")] });
    return;
  }
  last = { text, act: wanted.act.code, at: time };
  const seen = read(text, dayOf(now()));
  if (seen.verdict === "refused") {
    keep({ ...wanted, refused: seen.reason });
    return;
  }
  pending = null;
  drawActs();
  keep({ ...wanted, read: { how: seen.how, raw: text.slice(0, 4000) }, seen });
}

// Store, then show: in the order in which they came, one after the other.
function keep(wanted) {
  recording = recording.then(() => kept(wanted)).catch((fault) => {
    const isFull = fault && fault.name === "QuotaExceededError";
    last = { text: "", act: "", at: -Infinity };
    result({ tone: "bad", mark: "circle-x", words: say("not_stored"), details: [say(isFull ? "disk_full" : "store_failed")] });
    if (!isFull && fault) window.setTimeout(() => Promise.reject(fault));
  });
  return recording;
}

async function kept({ act: done, count = 1, reason = "", read: what, typed, refused = "", seen, annuls = null, label: known = "" }) {
  const person = seen && seen.person;
  const label = person ? labelOf(person) : typed ? labelOf({ name: typed.name, number: typed.number }) : known;
  const row = await queue.record({ act: done.code, read: what, typed, count, reason, annuls, refused, label });
  if (!isIn) return; // locked meanwhile
  shown = { row, person, how: what ? what.how : typed ? "typed" : "", isSure: !seen || seen.verdict === "ok" };
  drawShown(true);
}

// -- the result --------------------------------------------------------------------------------------------------------
function receipt(row) {
  if (!isIn || !shown || !row || shown.row.id !== row.id) return;
  const before = shown.row.state;
  shown = { ...shown, row };
  // Said aloud once more only where the server thinks otherwise.
  drawShown(!shown.row.wasRefused && before !== row.state && row.state !== "accepted");
}

function drawShown(isLoud) {
  const { row, person, how, isSure } = shown;
  const time = clockTime(row.at, true, true);
  const title = actTitle(row.act, row.annuls);
  const done = doneTitle(row);
  const who = person ? [person.name, say(person.sex === "Nam" ? "male" : "female"), person.birth.slice(0, 4)].join(" · ") : nameOf(row);
  const papers = person ? say(how === "card_qr" ? "card" : "mrz", { end: person.number.slice(-4) }) : how === "typed" && say("typed", { end: row.label.slice(-4) });
  const people = row.count > 1 ? say("people", { n: number(row.count) }) : "";
  if (row.wasRefused) {
    result({ tone: "bad", mark: "circle-x", words: say("not_read"), details: [wordsOf(row.code), time] }, isLoud);
  } else if (row.state === "rejected" || row.state === "stuck") {
    result({ tone: "bad", mark: "circle-x", words: say("not_taken"), who: [who], details: [wordsOf(row.code, row.message), time] }, isLoud);
  } else if (row.state === "conflict") {
    result({ tone: "warn", mark: "alert-triangle", words: `${title}: ${say("look_again")}`, who: [people, who], details: [wordsOf(row.code), say("received_at", { time })] }, isLoud);
  } else if (row.state === "accepted") {
    result({ tone: "good", mark: "circle-check", words: done, who: [people, who], details: [wordsOf(row.code), papers, say("received_at", { time })] }, isLoud);
  } else if (isSure) {
    result({ tone: "good", mark: "circle-check", words: done, who: [people, who], details: [papers, say("saved_at", { time })] }, isLoud);
  } else {
    result({ tone: "warn", mark: "clock", words: say("to_check"), who: [people, title], details: [say("saved_to_check", { time })] }, isLoud);
  }
}

function rest() {
  const words = pending ? say("scan_count", { n: number(pending.count) }) : say("ready");
  shown = null;
  fill({ tone: "rest", mark: "qrcode", words, details: [say("ready_hint")] });
}

function result(what, isLoud = true) {
  if (isLoud) sound(what.tone);
  fill(what);
}

function fill({ tone, mark, words, who = [], details = [] }) {
  const box = find("hit");
  box.className = `hit hit-${tone}`;
  const parts = [line("p", "w", icon(mark), line("span", "", words))];
  parts.push(...who.filter(Boolean).map((text) => line("p", "p", text)));
  parts.push(...details.filter(Boolean).map((text) => line("p", "d", text)));
  box.replaceChildren(...parts);
}

function sound(tone) {
  if (settings.sound) play(tone);
}

function wordsOf(code, message = "") {
  const known = code && state && state.words[code];
  return known ? pick(known) : message || (code ? say("what_to_do_unknown", { code }) : "");
}

function actTitle(code, annuls) {
  const known = state && state.acts.find((each) => each.code === code);
  const title = known ? pick(known.title) : code;
  return annuls ? `${say("annulment")}: ${title}` : title;
}

// What is said when it is done, where the service says it otherwise than on the button: «Mời vào» for «Vào».
function doneTitle(row) {
  const known = !row.annuls && state && state.words[`${row.act}_done`];
  return known ? pick(known) : actTitle(row.act, row.annuls);
}

// A label without a name is a number alone.
function nameOf(row) {
  return row.label.startsWith("…") ? "" : row.label;
}

// -- occupancy, list ---------------------------------------------------------------------------------------------------
function drawOccupancy() {
  const told = state && state.status;
  const box = find("occ");
  box.hidden = !told;
  if (!told) return;
  const { inside, capacity, alarm } = told;
  const head = line("div", "o1", line("b", "", number(inside)));
  head.append(line("span", "", capacity ? say("people_inside", { capacity: number(capacity) }) : say("people_inside_only")));
  const parts = [head];
  if (capacity) {
    const percent = Math.round((100 * inside) / capacity);
    head.append(line("span", "share", `${number(percent)}%`));
    parts.push(bar(percent, alarm));
  }
  const as = say("as_of", { time: clockTime(Date.parse(told.at), true) });
  const below = line("p", "sub", alarm ? icon("alert-triangle") : "", alarm ? `${say("alarm", { level: `${alarm}%` })} · ${as}` : as);
  if (alarm) below.className = "st-alarm";
  parts.push(below);
  box.replaceChildren(...parts);
}

function bar(percent, alarm) {
  const make = (name, attributes) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };
  const drawing = make("svg", { viewBox: "0 0 300 12", preserveAspectRatio: "none", role: "img", "aria-label": say("occupancy_bar", { percent: number(percent) }) });
  const fillClass = alarm >= 95 ? "f-bad" : alarm >= 70 ? "f-warn" : "f-acc";
  drawing.append(make("rect", { class: "bgx", width: 300, height: 12 }), make("rect", { class: fillClass, width: Math.min(300, 3 * percent), height: 12 }));
  for (const mark of MARKS.filter((each) => each < 100)) drawing.append(make("line", { class: "tkx", x1: 3 * mark, x2: 3 * mark, y1: 0, y2: 12 }));
  drawing.append(make("line", { class: "tkx", x1: 299, x2: 299, y1: 0, y2: 12 }));
  return drawing;
}

let listPlanned = false;

function drawList() {
  // Many rows change at once while a queue is sent: drawn once a frame.
  if (listPlanned) return;
  listPlanned = true;
  requestAnimationFrame(() => {
    listPlanned = false;
    drawListNow();
  });
}

const isRejected = (row) => row.wasRefused || row.state === "rejected" || row.state === "stuck";

function drawListNow() {
  if (!isIn) return;
  const rows = queue.list();
  const waiting = queue.waiting();
  find("queue-title").textContent = say("queue_title", { n: number(waiting.length) });
  const { at } = queue.network();
  const synced = at ? say("synced", { time: clockTime(at, true) }) : say("never_synced");
  find("queue-sub").textContent = waiting.length ? `${say("queue_oldest", { age: ageOf(waiting[0].at) })} · ${synced}` : synced;
  const rejected = rows.filter(isRejected);
  find("rejected-link").hidden = !rejected.length;
  find("open-rejected").textContent = say("rejected_button", { n: number(rejected.length) });
  const list = find("list");
  const focused = list.contains(document.activeElement) ? document.activeElement.closest("li").dataset.row : "";
  list.replaceChildren(...rows.slice(-SHOWN).reverse().map((row) => rowItem(row, () => showDetail(row.id))));
  // Who walks the list by keyboard stays where they are when a receipt comes.
  if (focused) list.querySelector(`[data-row="${focused}"] button`)?.focus();
  find("list-empty").hidden = rows.length > 0;
  if (screen === "rejected") drawRejected();
}

const LOOKS = {
  queued: ["clock", ""],
  sent: ["send", ""],
  accepted: ["circle-check", "st-met"],
  conflict: ["alert-triangle", "st-risk"],
  rejected: ["circle-x", "st-miss"],
  refused: ["circle-x", "st-miss"],
  stuck: ["circle-x", "st-miss"],
};

function lookOf(row) {
  if (row.wasRefused && queue.WAITING.includes(row.state)) return "refused";
  // Sent once and never answered: it waits like the others.
  return row.state === "sent" && queue.network().state !== "syncing" ? "queued" : row.state;
}

function stateMark(row) {
  const name = lookOf(row);
  return line("span", `st ${LOOKS[name][1]}`, icon(LOOKS[name][0]), say(`state_${name}`));
}

function textOf(row) {
  if (!isRejected(row) && row.label && !nameOf(row)) return [row.annuls ? say("annulment") : "", say("number_alone", { end: row.label.slice(-4) })].filter(Boolean).join(" · ");
  if (isRejected(row)) return row.label ? `${row.label}: ${wordsOf(row.code, row.message)}` : wordsOf(row.code, row.message);
  const parts = [row.annuls ? say("annulment") : "", row.label || actTitle(row.act), row.count > 1 ? say("people", { n: number(row.count) }) : ""];
  return parts.filter(Boolean).join(" · ");
}

function rowItem(row, press) {
  const button = line("button", "q-open", textOf(row));
  button.type = "button";
  button.addEventListener("click", press);
  const item = line("li", "", line("span", "tm", clockTime(row.at)), button, stateMark(row));
  item.dataset.row = row.id;
  return item;
}

function drawRejected() {
  const rows = queue.list().filter(isRejected);
  const items = rows.map((row) => {
    const item = line("li", "", line("span", "tm", clockTime(row.at)), line("span", "", textOf(row)), stateMark(row));
    if (!queue.WAITING.includes(row.state)) {
      const button = line("button", "b", say("dismiss"), line("span", "vh", ` ${clockTime(row.at, true, true)}`));
      button.type = "button";
      button.addEventListener("click", async () => {
        await queue.dismiss(row.id);
        drawRejected();
        find("rejected-title").focus();
      });
      item.append(button);
    }
    return item;
  });
  find("rejected").replaceChildren(...items);
  const settled = rows.filter((row) => !queue.WAITING.includes(row.state)).length;
  find("dismiss-all").hidden = settled < 2;
  find("dismiss-all").textContent = say("dismiss_all", { n: number(settled) });
  find("rejected").hidden = !rows.length;
  find("rejected-none").hidden = rows.length > 0;
}

async function dismissAll() {
  const settled = queue.list().filter((row) => isRejected(row) && !queue.WAITING.includes(row.state));
  for (const row of settled) await queue.dismiss(row.id);
  drawRejected();
  find("rejected-title").focus();
}

function pairs(place, facts) {
  place.replaceChildren(...facts.filter(([, value]) => value).flatMap(([name, value]) => [line("dt", "", name), line("dd", "", value)]));
}

function showDetail(id) {
  chosen = queue.list().find((row) => row.id === id);
  if (!chosen) return;
  const facts = [
    [say("detail_what"), actTitle(chosen.act, chosen.annuls)],
    [say("detail_who"), chosen.label],
    [say("count"), String(chosen.count)],
    [say("detail_when"), clockTime(chosen.at, true, true)],
    [say("detail_state"), say(`state_${lookOf(chosen)}`)],
    [say("detail_words"), wordsOf(chosen.code, chosen.message)],
    [say("detail_number"), String(chosen.sequence)],
  ];
  pairs(find("detail"), facts);
  const isAnnulled = queue.list().some((row) => row.annuls === id && !isRejected(row));
  find("detail-said").textContent = isAnnulled ? say("annulled_once") : "";
  find("annul").hidden = isRejected(chosen) || Boolean(chosen.annuls) || isAnnulled;
  find("annul").dataset.armed = "";
  find("dismiss").hidden = !(isRejected(chosen) || chosen.state === "conflict") || queue.WAITING.includes(chosen.state);
  show("detail");
}

async function annul() {
  const button = find("annul");
  if (!button.dataset.armed) {
    button.dataset.armed = "yes";
    find("detail-said").textContent = say("annul_sure");
    return;
  }
  const { id, act: code, label } = chosen;
  showDesk();
  await keep({ act: { code }, annuls: id, typed: undefined, label });
}

// -- typed entry -------------------------------------------------------------------------------------------------------
function showTyped() {
  complain("typed", "");
  find("typed").reset();
  show("typed");
}

async function typedDone(event) {
  event.preventDefault();
  const nationality = find("typed-nationality").value.trim().toUpperCase();
  const papers = find("typed-number").value.replace(/[\s.-]/g, "").toUpperCase();
  const [year, reason] = [find("typed-year").value.trim(), find("typed-reason").value.trim()];
  if (!/^[A-Z]{3}$/.test(nationality)) return complain("typed", say("typed_nationality_bad"), "typed-nationality");
  const isRight = nationality === "VNM" ? /^([0-9]{12}|[0-9]{9})$/.test(papers) : /^[A-Z0-9]{5,20}$/.test(papers);
  if (!isRight) return complain("typed", say("typed_number_bad"), "typed-number");
  if (year && !/^(18[5-9]|19[0-9]|20[0-9]|21[0-9])[0-9]$/.test(year)) return complain("typed", say("typed_year_bad"), "typed-year");
  if (!reason) return complain("typed", say("reason_needed"), "typed-reason");
  const typed = { number: papers, name: find("typed-name").value.trim(), birth_year: year ? Number(year) : null, sex: "", nationality, reason };
  const wanted = pending || { act, count: 1, reason: "" };
  pending = null;
  find("typed").reset();
  showDesk();
  return keep({ ...wanted, typed });
}

// -- settings ----------------------------------------------------------------------------------------------------------
async function showSettings() {
  find("language").value = settings.language;
  find("sound").checked = settings.sound;
  find("lock-after").value = String(settings.lockAfter);
  find("export-said").textContent = "";
  show("settings");
  await drawAbout();
}

async function drawAbout() {
  const [free, off] = [await freeBytes(), offset()];
  const isKept = navigator.storage && navigator.storage.persisted ? await navigator.storage.persisted() : false;
  pairs(find("about"), [
    [say("enrol_name"), `${identity.name} · ${identity.code}`],
    [say("version"), String(VERSION)],
    [say("clock"), off === null ? say("clock_unknown") : say("seconds", { n: number(Math.round(off / 1000) || 0) })],
    [say("storage"), free === null ? "" : say("megabytes", { n: number(Math.floor(free / 1048576)) })],
    [say("kept_for_good"), say(isKept ? "kept_yes" : "kept_no")],
  ]);
}

async function set(changes) {
  settings = { ...settings, ...changes };
  if (identity) await store.put({ settings });
}

async function exportQueue() {
  const events = await queue.whole();
  save(await vault.exportOfEvents(identity, events));
  find("export-said").textContent = say("export_done", { n: number(events.length) });
}

async function exportSealed() {
  const records = await queue.unsent();
  save(await vault.exportOfRecords(identity, records));
  find("forgotten-said").textContent = say("export_done", { n: number(records.length) });
}

function save(content) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(content)], { type: "application/json" }));
  link.download = `diem06-${identity.code}-${dayOf(now())}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

async function forget() {
  const button = find("forgotten-wipe");
  if (!button.dataset.armed) {
    button.dataset.armed = "yes";
    find("forgotten-said").textContent = say("forgotten_sure");
    return;
  }
  queue.stop();
  await emptyDevice();
  window.location.replace("/desk/");
}

// -- camera ------------------------------------------------------------------------------------------------------------
async function openCamera() {
  if (stopCamera) return closeCamera();
  find("camera").hidden = false;
  const { cameraWorker: workerUrl, wasm: wasmUrl } = document.body.dataset;
  try {
    stopCamera = await watch(find("camera-view"), { workerUrl, wasmUrl, onRead: scanned });
    if (screen !== "desk") closeCamera();
    else drawActs();
  } catch {
    find("camera").hidden = true;
    result({ tone: "warn", mark: "alert-triangle", words: say("ready"), details: [say("camera_refused")] });
  }
  return undefined;
}

function closeCamera() {
  const stop = stopCamera;
  stopCamera = null;
  find("camera").hidden = true;
  if (!stop) return;
  stop();
  drawActs();
}

// -- keys --------------------------------------------------------------------------------------------------------------
function pressed(key) {
  if (screen !== "desk" || !state) return;
  const each = state.acts.find((known) => known.key && known.key.toLowerCase() === key.toLowerCase());
  if (!each) return;
  if (isMode(each)) choose(each);
  else ask(each);
}

const KEYS = {
  F2: () => act && showTyped(),
  F4: () => find("scan").click(),
  F8: () => act && asks(act, "count") && ask(act),
  F9: () => find("send").click(),
};

function onKeydown(event) {
  if (event.key === "Escape" && ["ask", "typed", "detail", "rejected", "settings"].includes(screen)) {
    back();
  } else if (screen === "desk" && event.key in KEYS) {
    event.preventDefault();
    KEYS[event.key]();
  }
}

function back() {
  if (screen === "ask") pending = null;
  showDesk();
}

// A form that is being dealt with takes no second press: a PIN is tried once at a time, a code is used once.
function once(listener) {
  return async (event) => {
    event.preventDefault();
    const form = event.currentTarget;
    if (form.getAttribute("aria-busy") === "true") return;
    form.setAttribute("aria-busy", "true");
    try {
      await listener(event);
    } finally {
      form.removeAttribute("aria-busy");
    }
  };
}

// -- wiring ------------------------------------------------------------------------------------------------------------
function wire() {
  const submits = { enrol: enrolled, pin: pinSet, unlock: unlocked, ask: askDone, typed: typedDone, "pin-change": pinChanged };
  for (const [id, listener] of Object.entries(submits)) find(id).addEventListener("submit", once(listener));
  const presses = {
    "open-settings": showSettings,
    send: () => queue.send(),
    scan: openCamera,
    "open-rejected": () => {
      show("rejected");
      drawRejected();
    },
    "dismiss-all": dismissAll,
    "ask-fewer": () => step(-1),
    "ask-more": () => step(1),
    "ask-without": askDone,
    annul,
    dismiss: async () => {
      await queue.dismiss(chosen.id);
      showDesk();
    },
    export: exportQueue,
    lock,
    "forgotten-export": exportSealed,
    "forgotten-wipe": forget,
  };
  for (const [id, listener] of Object.entries(presses)) find(id).addEventListener("click", listener);
  for (const button of document.querySelectorAll('[data-do="back"]')) button.addEventListener("click", back);
  for (const button of document.querySelectorAll('[data-do="language"]')) {
    button.addEventListener("click", () => set({ language: settings.language === "vi" ? "en" : "vi" }).then(redraw));
  }
  find("language").addEventListener("change", (event) => set({ language: event.target.value }).then(redraw));
  find("lock-after").addEventListener("change", (event) => set({ lockAfter: Number(event.target.value) }));
  find("sound").addEventListener("change", (event) => set({ sound: event.target.checked }));
  document.addEventListener("keydown", onKeydown);
  for (const name of ["keydown", "pointerdown"]) window.addEventListener(name, touch, true);
  const lockIfIdle = () => isIdle() && lock();
  document.addEventListener("visibilitychange", lockIfIdle);
  setInterval(lockIfIdle, IDLE_CHECK);
  window.addEventListener("beforeunload", closeCamera);
  window.addEventListener("hashchange", () => screen === "enrol" && codeFromLink());
  setInterval(() => {
    if (screen === "unlock") drawUnlock();
    if (screen !== "desk") return;
    drawList();
    look();
  }, 30000);
}

// -- times -------------------------------------------------------------------------------------------------------------
function dayOf(milliseconds) {
  return new Date(milliseconds + VIETNAM).toISOString().slice(0, 10);
}

function clockTime(milliseconds, isDated = false, hasSeconds = false) {
  const [day, clock] = new Date(milliseconds + VIETNAM).toISOString().split("T");
  const time = clock.slice(0, hasSeconds ? 8 : 5);
  return isDated && day !== dayOf(now()) ? `${time} ${day.slice(8)}/${day.slice(5, 7)}` : time;
}

function ageOf(milliseconds) {
  const minutes = Math.max(0, Math.floor((now() - milliseconds) / 60000));
  if (minutes < 120) return say("minutes", { n: number(minutes) });
  return minutes < 2880 ? say("hours", { n: number(Math.floor(minutes / 60)) }) : say("days", { n: number(Math.floor(minutes / 1440)) });
}

start();
