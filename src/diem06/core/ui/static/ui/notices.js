/**
 * Notices of the page. They stay until the reader puts them away, and are then kept in a list under the others for the
 * rest of the visit: what was said can be read again. The list is of this tab and this person alone.
 */

const KEY = "ui:seen-notices";
const MOST = 20;
const place = () => document.getElementById("messages");

/** Show a notice that the page holds as `<template id="notice-NAME">`; it returns to the top of its place. */
export function show(name) {
  const template = document.getElementById(`notice-${name}`);
  const messages = place();
  if (!template || !messages) return;
  messages.querySelectorAll(`[data-notice="${name}"]`).forEach((old) => old.remove());
  const notice = template.content.firstElementChild.cloneNode(true);
  notice.dataset.notice = name;
  messages.prepend(notice);
}

/** Take back a notice shown by `show`. */
export function hide(name) {
  place()?.querySelectorAll(`[data-notice="${name}"]`).forEach((old) => old.remove());
}

export function start() {
  document.addEventListener("click", (event) => {
    const notice = event.target.closest("[data-dismiss]")?.closest(".note");
    if (!notice) return;
    remember(notice.querySelector(".words").textContent.trim());
    notice.remove();
    drawSeen();
    document.getElementById("main")?.focus();
  });
  drawSeen();
}

function seen() {
  const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
  return kept?.person === place()?.dataset.person ? kept.words : [];
}

function remember(words) {
  const kept = { person: place()?.dataset.person, words: [words, ...seen()].slice(0, MOST) };
  sessionStorage.setItem(KEY, JSON.stringify(kept));
}

function drawSeen() {
  const messages = place();
  const words = messages ? seen() : [];
  messages?.querySelector(".seen")?.remove();
  if (!words.length) return;
  const list = document.createElement("details");
  list.className = "seen";
  const summary = document.createElement("summary");
  summary.textContent = `${messages.dataset.seen} (${words.length})`;
  list.append(summary);
  for (const text of words) {
    const note = document.createElement("div");
    note.className = "note";
    note.textContent = text;
    list.append(note);
  }
  messages.append(list);
}
