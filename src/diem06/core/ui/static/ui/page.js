/** What every page does: notices, dialogs, keys, the tour, the error summary, htmx's failures, leaving with unsaved words. */

import { addTokenToHtmx } from "./csrf.js";
import * as dialogs from "./dialogs.js";
import * as keys from "./keys.js";
import * as leaving from "./leaving.js";
import * as notices from "./notices.js";
import * as tour from "./tour.js";

addTokenToHtmx();
dialogs.start();
keys.start();
leaving.start();
notices.start();
tour.start();

focusErrors(document);
document.addEventListener("htmx:afterSwap", (event) => focusErrors(event.detail.elt));

// A failed request swaps nothing, so the page keeps what was typed; the reader learns why.
document.addEventListener("htmx:sendError", () => notices.show("network"));
document.addEventListener("htmx:responseError", (event) => {
  const { status } = event.detail.xhr;
  notices.show(status === 401 ? "signed-out" : status === 403 ? "refused" : "server");
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (!event.detail.successful) return;
  ["network", "server", "signed-out", "refused"].forEach(notices.hide);
  const form = event.detail.elt.closest?.("form");
  if (form) leaving.saved(form);
});

// A select that is a choice of page (`data-goes`): changing it sends its form.
document.addEventListener("change", (event) => {
  if (event.target.matches("select[data-goes]")) event.target.form.requestSubmit();
});

// A double click sends a form once: the second click would be answered in place of the first, with a refusal of what was done.
const DOUBLE_CLICK = 1000; // milliseconds
const sentAt = new WeakMap();
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post") return;
  const by = event.submitter ?? event.target;
  if (event.timeStamp - (sentAt.get(by) ?? -DOUBLE_CLICK) < DOUBLE_CLICK) event.preventDefault();
  else sentAt.set(by, event.timeStamp);
});

// A list that htmx has filtered stands in the address: what is saved of it is what stands there now.
document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-saves-view]")) {
    event.target.elements.query.value = location.search;
    event.target.elements.next.value = location.pathname + location.search;
  }
});

function focusErrors(root) {
  root.querySelector?.("[data-takes-focus]")?.focus();
}
