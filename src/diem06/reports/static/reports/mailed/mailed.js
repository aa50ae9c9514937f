// Shortcuts of the page on which numbers of a Word report are confirmed; without them all is typed and ticked.
for (const button of document.querySelectorAll("[data-cell-of]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const field = document.getElementsByName(`c-${button.dataset.cellOf}`)[0];
    field.value = button.dataset.label;
    field.focus();
  });
}
for (const words of document.querySelectorAll("[data-plain]")) words.hidden = true;
for (const button of document.querySelectorAll("[data-take-all]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    for (const radio of document.querySelectorAll("#placed input[type=radio][value=take]")) radio.checked = true;
  });
}
