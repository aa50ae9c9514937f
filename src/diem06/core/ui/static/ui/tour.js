/** The tour: one step at a time in a dialog, while what the step speaks of is marked on the page. Leaving it in any way ends it. */

import { post } from "./csrf.js";

const dialog = document.getElementById("tour");
const steps = [...(dialog?.querySelectorAll("[data-step]") ?? [])];
let at = 0;

export function start() {
  if (!dialog) return;
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-starts-tour]")) return;
    event.preventDefault();
    begin();
  });
  dialog.addEventListener("click", (event) => {
    const what = event.target.closest("[data-tour]")?.dataset.tour;
    if (what === "next") show(at + 1);
    if (what === "back") show(at - 1);
    if (what === "end" || what === "skip") dialog.close();
  });
  dialog.addEventListener("close", end);
  if ("started" in dialog.dataset) begin();
}

function begin() {
  dialog.showModal();
  show(0);
}

function show(number) {
  at = number;
  steps.forEach((step, index) => (step.hidden = index !== at));
  button("next").hidden = at === steps.length - 1;
  button("end").hidden = at !== steps.length - 1;
  button("back").hidden = at === 0;
  const title = steps[at].querySelector("h2");
  dialog.setAttribute("aria-labelledby", title.id);
  mark(steps[at].dataset.target);
  title.focus();
}

const button = (what) => dialog.querySelector(`[data-tour="${what}"]`);

function mark(target) {
  document.querySelectorAll(".tour-at").forEach((old) => old.classList.remove("tour-at"));
  if (!target) return;
  const found = target.startsWith("/")
    ? [...document.querySelectorAll(".nav-main a")].find((link) => new URL(link.href).pathname === target)
    : document.getElementById(target);
  found?.classList.add("tour-at");
}

function end() {
  mark("");
  document.querySelector(".tour-offer")?.remove();
  document.getElementById("main")?.focus();
  // Should it fail, the tour is offered once more: no harm.
  post(dialog.dataset.seen, new URLSearchParams({ tour: dialog.dataset.name })).catch(() => undefined);
}
