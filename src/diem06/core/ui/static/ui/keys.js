/**
 * Keys of every page: `g` and a letter go to an entry of the menu (`data-key`), `/` to the page's search or filter, `?` lists the keys.
 *
 * Off while one types, while a dialog is open, and where the person has switched them off: single letters are in the way of who
 * speaks to the machine (WCAG 2.1.4). That choice is this browser's.
 */

import { open } from "./dialogs.js";

const OFF = "ui:keys-off";
const PATIENCE = 1500; // milliseconds from `g` to its letter
const SEARCH = "[data-search], main form[role=search] input:not([type=hidden]), main form[role=search] select";
let goes = 0;

export function start() {
  document.addEventListener("keydown", onKey);
  const box = document.querySelector("[data-keys-on]");
  if (!box) return;
  box.checked = !isOff();
  box.addEventListener("change", () => (box.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")));
}

const isOff = () => localStorage.getItem(OFF) === "1";

function onKey(event) {
  const { key } = event;
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.defaultPrevented) return;
  if (isTyping(event.target) || isOff() || document.querySelector("dialog[open]")) return;
  const isSecond = Date.now() - goes < PATIENCE;
  goes = 0;
  if (isSecond) {
    const link = document.querySelector(`.top [data-key="${CSS.escape(key.toLowerCase())}"]`);
    if (link) act(event, () => link.click());
  } else if (key === "g") {
    goes = Date.now();
  } else if (key === "/") {
    const field = document.querySelector(SEARCH);
    if (field) act(event, () => field.focus());
  } else if (key === "?") {
    act(event, () => open("keys"));
  }
}

function act(event, deed) {
  event.preventDefault();
  deed();
}

function isTyping(element) {
  return element.matches?.("input:not([type=checkbox], [type=radio], [type=button]), textarea, select, [contenteditable]");
}
