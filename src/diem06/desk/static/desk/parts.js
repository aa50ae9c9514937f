// Pieces of a page, made by hand: the policy allows no markup from texts.

const SVG = "http://www.w3.org/2000/svg";

/** An icon of the sprite. It says nothing to a screen reader: a word always stands beside it. */
export function icon(name) {
  const [drawing, use] = [document.createElementNS(SVG, "svg"), document.createElementNS(SVG, "use")];
  drawing.setAttribute("class", "ic");
  drawing.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${document.body.dataset.icons}#i-${name}`);
  drawing.append(use);
  return drawing;
}

/** An element with a class and what is in it: texts and elements. */
export function line(tag, className, ...inside) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...inside);
  return made;
}
