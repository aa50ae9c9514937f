/** Dialogs: `data-opens="ID"` opens `<dialog id=ID>`. */

export function start() {
  document.addEventListener("click", (event) => {
    const id = event.target.closest("[data-opens]")?.dataset.opens;
    if (id) open(id);
  });
}

/** Open the dialog of this id, unless there is none or it is open. */
export function open(id) {
  const dialog = document.getElementById(id);
  if (dialog && !dialog.open) dialog.showModal();
}
