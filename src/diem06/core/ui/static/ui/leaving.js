/**
 * Ask before leaving a page with unsaved words: `<form data-confirm-leave>`.
 *
 * A page that saves by itself says so with `saved(form)`.
 */

const unsaved = new Set();

/** The form's content is on the server now. */
export function saved(form) {
  unsaved.delete(form);
}

export function start() {
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form?.matches("[data-confirm-leave]")) unsaved.add(form);
  });
  document.addEventListener("submit", (event) => saved(event.target));
  window.addEventListener("beforeunload", (event) => {
    for (const form of unsaved) if (!form.isConnected) unsaved.delete(form);
    if (unsaved.size) event.preventDefault();
    if (unsaved.size) event.returnValue = ""; // what Chrome up to 118 listens to
  });
}
