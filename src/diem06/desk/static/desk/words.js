// The words of the screens: both languages come with the shell, in its <template id="words-vi"> and "words-en".

const LANGUAGES = ["vi", "en"];
const words = {};
let language = "vi";

for (const each of LANGUAGES) {
  const { content } = document.getElementById(`words-${each}`);
  words[each] = Object.fromEntries([...content.querySelectorAll("[data-w]")].map((line) => [line.dataset.w, line.textContent.trim()]));
}

export function currentLanguage() {
  return language;
}

/** Return the words to a key, with {name} filled in. */
export function say(key, values = {}) {
  return (words[language][key] || key).replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}

/** Return a text that the server gave in each language. */
export function pick(texts) {
  return (texts && (texts[language] || texts.vi)) || "";
}

/** Show everything marked data-t in a language. */
export function speak(chosen) {
  language = LANGUAGES.includes(chosen) ? chosen : "vi";
  document.documentElement.lang = language;
  for (const each of document.querySelectorAll("[data-t]")) each.textContent = say(each.dataset.t);
  for (const each of document.querySelectorAll("[data-t-label]")) each.setAttribute("aria-label", say(each.dataset.tLabel));
}

export function firstLanguage() {
  return (navigator.language || "").startsWith("en") ? "en" : "vi";
}

export function number(value) {
  return value.toLocaleString(language === "vi" ? "vi-VN" : "en-GB");
}
