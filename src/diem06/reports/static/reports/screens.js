/** Pages that read figures: the print button, and the entry of the table of contents that is being read. */

for (const button of document.querySelectorAll("[data-prints]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

const entries = new Map(
  [...document.querySelectorAll(".toc a[href^='#']")].map((link) => [link.getAttribute("href").slice(1), link]),
);
const headings = [...entries.keys()].map((id) => document.getElementById(id)).filter(Boolean);

function markCurrent() {
  const passed = headings.filter((heading) => heading.getBoundingClientRect().top < 120);
  const current = entries.get((passed.at(-1) ?? headings[0])?.id);
  for (const link of entries.values()) {
    if (link === current) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

if (headings.length) {
  let waits = false;
  document.addEventListener("scroll", () => {
    if (waits) return;
    waits = true;
    requestAnimationFrame(() => {
      waits = false;
      markCurrent();
    });
  }, { passive: true });
  markCurrent();
}
