/** Dialogs: `data-opens="ID"` opens `<dialog id=ID>`; `?` opens the list of keys unless one is typing. */

export function start() {
  document.addEventListener("click", (event) => {
    const id = event.target.closest("[data-opens]")?.dataset.opens;
    if (id) open(id);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "?" || event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return;
    event.preventDefault();
    open("keys");
  });
}

function open(id) {
  const dialog = document.getElementById(id);
  if (dialog && !dialog.open) dialog.showModal();
}

function isTyping(element) {
  return element.matches?.("input:not([type=checkbox], [type=radio], [type=button]), textarea, select, [contenteditable]");
}
