/**
 * The office's own text of a section is saved as it is written. Where somebody else wrote meanwhile, their text is shown and nothing is
 * overwritten; without this script the form is sent by its button.
 */
import { post } from "../ui/csrf.js";
import { saved } from "../ui/leaving.js";

const PAUSE = 1500; // ms after the last key
const words = (name) => document.getElementById(`words-${name}`).content.textContent;

for (const form of document.querySelectorAll("form[data-compile]")) watch(form);

function watch(form) {
  const text = form.elements.text;
  const status = form.querySelector("[role=status]");
  const begin = form.querySelector("[data-start]");
  let timer = 0;
  let before = text.value;
  let running = false;

  begin.hidden = false;
  begin.addEventListener("click", () => {
    const draft = form.querySelector(".compile-draft").content.textContent;
    text.value = [text.value.trim(), draft].filter(Boolean).join("\n");
    text.focus();
    text.dispatchEvent(new Event("input", { bubbles: true }));
  });
  text.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE);
  });
  text.addEventListener("change", save);

  async function save() {
    clearTimeout(timer);
    if (running || text.value === before) return;
    running = true;
    const sent = text.value;
    status.textContent = words("saving");
    try {
      const answer = await post(form.dataset.compile, new FormData(form));
      const said = await answer.json();
      status.textContent = said.message ?? words("offline");
      if (answer.ok) {
        before = sent;
        for (const other of form.parentElement.parentElement.querySelectorAll("input[name=version]")) other.value = said.version;
        if (text.value === sent) saved(form);
      } else if (answer.status === 409) {
        show(said.theirs);
      }
    } catch {
      status.textContent = words("offline");
    }
    running = false;
    if (text.value !== before && text.value !== sent) timer = setTimeout(save, PAUSE);
  }

  function show(theirs) {
    let place = form.querySelector(".compile-theirs");
    if (!place) {
      place = document.createElement("blockquote");
      place.className = "compile-theirs";
      form.append(place);
    }
    place.lang = "vi";
    place.textContent = `${words("theirs")} ${theirs}`;
  }
}
