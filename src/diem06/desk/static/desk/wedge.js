// Keyboard-wedge scanners: they type. A scan is known by its rhythm (six keys within 50 ms of one another, which no hand keeps up), so that
// it needs no focus and no prefix, and its Enter or Space presses no button. Once known, it may stumble: a busy computer does.
//
// Keys come as `keydown`; as `keypress` alone where a scanner sends characters that the keyboard lacks; and as text of an input method
// where a field has the focus. An input method that corrects itself sends Backspace: it takes back a character here too.

import { isWhole } from "./reader.js";

export const GAP = 50; // milliseconds between the first keys of a scan, at most
export const LEAST = 6; // keys, before a burst counts as a scan
const STUMBLE = 200; // milliseconds between two later keys, at most
const SILENCE = 220; // milliseconds without a key that end a scan
const ALONE = 60; // milliseconds after which a single key was a person's
const LATE = 30; // a timer later than this may have overtaken keys that wait: look again

const TEXT_INPUT = ["insertText", "insertCompositionText", "insertFromComposition", "insertReplacementText"];
const NOT_TEXT = ["button", "checkbox", "radio", "submit", "range", "file"];

function editable(target) {
  if (!(target instanceof HTMLElement)) return null;
  if (target instanceof HTMLTextAreaElement) return target;
  return target instanceof HTMLInputElement && !NOT_TEXT.includes(target.type) ? target : null;
}

/**
 * Listen to scanners. `onScan(text, rhythm)` gets each scan; `onKey(key)` a single key that a person pressed outside any field.
 * Returns a function that stops listening.
 */
export function listenToScanners({ onScan, onKey }) {
  let keys = []; // the characters of the burst
  let count = 0; // its keys, input methods' included
  let first = 0;
  let last = -Infinity;
  let field = null; // where the keys land, and what stood there before
  let before = "";
  let isComposed = false;
  let isTaken = false; // whether the last keydown gave its character
  let timer = 0;
  let due = 0;

  function begin(time, target) {
    keys = [];
    count = 0;
    first = time;
    field = editable(target);
    before = field ? field.value : "";
    isComposed = false;
  }

  function isBurst() {
    return count >= LEAST;
  }

  function isTooLate(event) {
    return event.timeStamp - last > (isBurst() ? STUMBLE : GAP);
  }

  function close() {
    clearTimeout(timer);
    timer = 0;
    const text = isComposed && field ? inserted(before, field.value) : keys.join("");
    const [wasBurst, wasAlone, taken] = [isBurst(), count === 1 && keys.length === 1 && !field, count];
    if (wasBurst && field) {
      field.value = before;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    const rhythm = { keys: taken, milliseconds: last - first };
    const key = keys[0];
    begin(0, null);
    last = -Infinity;
    if (wasBurst && text.trim()) onScan(text, rhythm);
    else if (wasAlone) onKey(key);
  }

  function wait() {
    const silence = isBurst() ? SILENCE : ALONE;
    due = performance.now() + silence;
    if (!timer) timer = setTimeout(look, silence);
  }

  function look() {
    const late = performance.now() - due;
    if (late > LATE) due = performance.now() + LATE;
    if (late < 0 || late > LATE) timer = setTimeout(look, Math.max(due - performance.now(), 1));
    else close();
  }

  function take(event, letter) {
    count += 1;
    last = event.timeStamp;
    if (letter) keys.push(letter);
    wait();
  }

  function onKeydown(event) {
    isTaken = false;
    if ((event.ctrlKey || event.metaKey || event.altKey) && !event.getModifierState("AltGraph")) return;
    if (isTooLate(event)) {
      if (count) close();
      begin(event.timeStamp, event.target);
    }
    const { key } = event;
    if (event.repeat && keys.every((each) => each === key)) {
      begin(event.timeStamp, event.target); // a key held down
      return;
    }
    if (key === "Enter" || key === "Tab") {
      end(event, key === "Enter" ? "\n" : "\t");
    } else if (key === "Backspace" && count > 1) {
      keys.pop();
      last = event.timeStamp;
      if (!field) event.preventDefault();
      wait();
    } else if (key === "Process" && field) {
      isComposed = true;
      isTaken = true;
      take(event, "");
    } else if ([...key].length === 1) {
      isTaken = true;
      // Space presses a button, `/` opens a search: not in a burst.
      if (!field && count) event.preventDefault();
      take(event, key);
    }
  }

  function end(event, mark) {
    if (!isBurst()) {
      // A person's: what they press next begins anew, wherever that lands.
      begin(event.timeStamp, event.target);
      last = -Infinity;
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    last = event.timeStamp;
    const text = isComposed && field ? inserted(before, field.value) : keys.join("");
    if (isWhole(text)) {
      close();
    } else {
      keys.push(mark);
      wait();
    }
  }

  // A character without a key of its own: typed by code, or sent by a driver as it is.
  function onKeypress(event) {
    if (isTaken || event.key === "Enter" || [...event.key].length !== 1) return;
    if (isTooLate(event)) {
      if (count) close();
      begin(event.timeStamp, event.target);
    }
    if (!field && count) event.preventDefault();
    take(event, event.key);
  }

  function onBeforeInput(event) {
    if (isTaken || !editable(event.target) || !TEXT_INPUT.includes(event.inputType)) return;
    if (isTooLate(event) || field !== event.target) {
      if (count) close();
      begin(event.timeStamp, event.target);
    }
    isComposed = true;
    take(event, "");
  }

  function onKeyup(event) {
    if (event.key === " " && (count > 1 || event.timeStamp - last < GAP * 2)) event.preventDefault();
  }

  const listeners = { keydown: onKeydown, keypress: onKeypress, beforeinput: onBeforeInput, keyup: onKeyup };
  for (const [name, listener] of Object.entries(listeners)) window.addEventListener(name, listener, true);
  return () => {
    clearTimeout(timer);
    for (const [name, listener] of Object.entries(listeners)) window.removeEventListener(name, listener, true);
  };
}

// What came into a field: what is left of its value without the same beginning and end.
function inserted(before, after) {
  let start = 0;
  while (start < before.length && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < before.length - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  return after.slice(start, after.length - end);
}
