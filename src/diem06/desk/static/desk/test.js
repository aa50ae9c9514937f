// The scanner test: shows what a scanner types, and says what to set. Nothing is stored and nothing is sent.

import { line } from "./parts.js";
import { read } from "./reader.js";
import { firstLanguage, say, speak } from "./words.js";
import { listenToScanners } from "./wedge.js";

const SAMPLE = "001090900001|012900001|Nguyễn Văn Thử|05031990|Nam|Số 12 Ngõ 34, Phố Mẫu, Phường Thí Nghiệm, Hoàn Kiếm, Hà Nội|14082021";
const find = (id) => document.getElementById(id);
let language = firstLanguage();
let scan = null;

function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase();
}

// What damaged the sample, as far as its kind can be told.
function verdictOf(text) {
  const got = text.trim();
  if (got.normalize("NFC") === SAMPLE) return ["good", "test_right", ""];
  if (!got.includes("001090900001") && !/[|¦｜]/.test(got)) return /[^\w]{8}/.test(got) ? ["bad", "test_wrong", "test_layout"] : ["warn", "test_other", ""];
  if (plain(got) === plain(SAMPLE)) return ["bad", "test_wrong", "test_accents"];
  if (/Ngu?ye[e6^]/i.test(got) || /V[aă]w?[n8(]/.test(got)) return ["bad", "test_wrong", "test_ime"];
  if (got.length < SAMPLE.length - 3 && got.length > 0 && SAMPLE.startsWith(got.slice(0, 12))) return ["bad", "test_wrong", "test_cut"];
  return got.startsWith("001090900001") ? ["bad", "test_wrong", "test_accents"] : ["warn", "test_other", ""];
}

function draw() {
  if (!scan) {
    find("said").replaceChildren(line("p", "", say("test_none")));
    find("facts").replaceChildren();
    return;
  }
  const [tone, words, advice] = verdictOf(scan.text);
  find("said").replaceChildren(line("div", `note note-${tone}`, line("p", "", line("b", "", say(words))), advice ? line("p", "", say(advice)) : ""));
  const facts = [
    [say("test_raw"), line("code", "", scan.text.trim())],
    [say("test_expected"), line("code", "", SAMPLE)],
    ["", say("test_rhythm", { keys: scan.rhythm.keys, milliseconds: Math.round(scan.rhythm.milliseconds) })],
    ["", read(scan.text, new Date().toISOString().slice(0, 10)).reason],
  ];
  find("facts").replaceChildren(...facts.filter(([, value]) => value).flatMap(([name, value]) => [line("dt", "", name), line("dd", "", value)]));
}

function tell() {
  speak(language);
  for (const each of document.querySelectorAll("[data-alt]")) each.alt = say(each.dataset.alt);
  find("language").textContent = language === "vi" ? "English" : "Tiếng Việt";
  draw();
}

find("language").addEventListener("click", () => {
  language = language === "vi" ? "en" : "vi";
  tell();
});
listenToScanners({
  onScan: (text, rhythm) => {
    scan = { text, rhythm };
    draw();
  },
  onKey: () => {},
});
tell();
