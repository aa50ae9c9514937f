// A block is chosen by Shift and a click, or Shift and Enter; «Chọn tất cả» ticks a list. Without this file all is typed.
const grid = document.getElementById("grid");
const field = document.querySelector("#tie-form [name=cells]");

function place(coordinate) {
  const [, letters, row] = /^([A-Z]+)(\d+)$/.exec(coordinate);
  const column = [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0);
  return { letters, column, row: Number(row) };
}

function pick(first, last) {
  const from = place(first);
  const to = place(last);
  const rows = [Math.min(from.row, to.row), Math.max(from.row, to.row)];
  const [left, right] = from.column <= to.column ? [from, to] : [to, from];
  field.value = `${left.letters}${rows[0]}:${right.letters}${rows[1]}`;
  for (const link of grid.querySelectorAll("[data-cell]")) {
    const at = place(link.dataset.cell);
    const inside = at.row >= rows[0] && at.row <= rows[1] && at.column >= left.column && at.column <= right.column;
    link.parentElement.classList.toggle("is-picked", inside);
  }
  field.focus();
}

if (grid && field) {
  grid.addEventListener("click", (event) => {
    const link = event.target.closest("[data-cell]");
    if (!link || !event.shiftKey) return;
    const first = /^[A-Z]+\d+/.exec(field.value.trim().toUpperCase());
    event.preventDefault();
    pick(first ? first[0] : link.dataset.cell, link.dataset.cell);
  });
}

for (const button of document.querySelectorAll("[data-check-all]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    for (const box of button.form.querySelectorAll("[name=spec]")) box.checked = true;
  });
}
