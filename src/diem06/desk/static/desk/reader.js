// What a device can say of a scan by itself: ok, to_check (the server reads it in full) or refused with the reason code of vnlib.identity.
// It promises two things, and tests hold it to them: what it refuses the server refuses, and what it calls ok the server accepts with
// the same number, birth and sex. Everything that would need a guess is `to_check`. Pure: no page, no clock, no storage.

const SHAPES = [7, 11];
const SEPARATORS = /[\u00a6\uff5c]/g;
const EDGES = /^[\s\u0000-\u001f\u007f\ufeff\u200b]+|[\s\u0000-\u001f\u007f\ufeff\u200b]+$/g;
const AIM = /^\][A-Za-z][0-9]/;
const OTHER_CODE = /^(https?:\/\/|wifi:|tel:|mailto:|begin:vcard)/i;
const PAYMENT = /^000201/;
const PRODUCT = /^([0-9]{8}|[0-9]{13})$/;
const INSURANCE = /^[A-Z]{2}[1-5][0-9]{12}\|/;
const FIRST_MRZ = /^[A-Z0-9<]{28,46}$/;
const PLAIN = /^[\p{L}\p{M}0-9 .,'’()\/-]*$/u;
const LONG_NUMBER = /[0-9]{12}/;
// A Vietnamese syllable: what may stand alone, what may take a final, what needs one.
const OPEN = "ai|ao|au|ay|âu|ây|eo|êu|ia|iêu|iu|oai|oay|oao|oeo|oi|ôi|ơi|ua|uây|ui|uôi|uơ|uya|uyu|ưa|ươi|ươu|ưi|ưu|yêu";
const EITHER = "a|e|ê|i|o|ô|ơ|u|ư|y|oa|oe|uê|uy";
const CLOSED = "ă|â|iê|oă|oo|uâ|uô|uyê|ươ|yê";
const FINAL = "ng|nh|ch|c|m|n|p|t";
const FIRST = "ngh|ng|nh|kh|gh|gi|ch|ph|th|tr|qu|[bcdđghklmnpqrstvx]";
const SYLLABLE = new RegExp(`^(${FIRST})?(${OPEN}|(${EITHER})(${FINAL})?|(${CLOSED})(${FINAL}))$`);
// Spelt otherwise before e, ê, i and y than before the rest; and finals that a vowel does not take.
const MISSPELT = /^(c[eêiy]|k[aăâoôơuư]|ng[eêi]|g[eê]|n?gh[^eêi])|[^aêiy](nh|ch)$|(^|[^iy])ê(ng|c)$|[iy](ng|c)$|(^|[^ư])ơ(ng|c)$|(^|[^u])y(nh|ch|m|n|p|t)$|uê(ng|c|m|n|p|t)$|ư(nh|ch|m|n|p)$/;
const PLACE_WORD = /^((TP|P|Q|X|H)\.?|Đắk|Lắk|Kon|Ia|Ea|U|Ô)$/; // of addresses, beside syllables
const TONES = /[\u0300\u0301\u0303\u0309\u0323]/g;
const OLD_LENGTH = 9;
const CHIP_CARD = "2021-01-01";
const NEW_CARD = "2024-07-01";
const LENGTH = 12;
// Doc 9303: where the fields of a zone stand, its lines put together. [start, length]; a check digit follows its field.
const ZONES = [
  { count: 3, width: 30, number: 5, birth: 30, sex: 37, expiry: 38, optional: [[15, 15], [48, 11]], hasCheck: false, composite: [[5, 25], [30, 7], [38, 7], [48, 11]] },
  { count: 2, width: 36, number: 36, birth: 49, sex: 56, expiry: 57, optional: [[64, 7]], hasCheck: false, composite: [[36, 10], [49, 7], [57, 14]] },
  { count: 2, width: 44, number: 44, birth: 57, sex: 64, expiry: 65, optional: [[72, 14]], hasCheck: true, composite: [[44, 10], [57, 7], [65, 22]] },
];

/** Read what a scanner or a camera gave. `today` is a day as «2026-11-27». */
export function read(raw, today) {
  const text = trimmed(raw);
  if (!text) return refused("empty");
  if (looksLikeMrz(text)) return { how: "mrz", ...readMrz(text, today, !/[^A-Z0-9<\r\n]/.test(raw)) };
  return { how: "card_qr", ...readCard(text, today) };
}

/** Tell whether a text is the first line, or all lines, of a machine-readable zone. */
export function looksLikeMrz(text) {
  const lines = mrzLines(text);
  return lines.length > 0 && lines.every((line) => FIRST_MRZ.test(line)) && text.includes("<") && /^[A-Z]/.test(lines[0]);
}

/** Tell whether nothing more is expected after this text: a scanner's Enter then ends the scan at once. */
export function isWhole(raw) {
  const text = trimmed(raw);
  const lines = mrzLines(text);
  if (lines.every((line) => FIRST_MRZ.test(line)) && text.includes("<")) return lines.length === (lines[0].length > 32 ? 2 : 3);
  const fields = text.replace(SEPARATORS, "|").split("|");
  return SHAPES.includes(fields.length) && /[0-9]{12}$/.test(fields[0]);
}

function trimmed(raw) {
  return raw.replace(EDGES, "").replace(AIM, "").replace(EDGES, "");
}

function refused(reason) {
  return { verdict: "refused", reason };
}

const TO_CHECK = { verdict: "to_check", reason: "" };

// -- the QR of a card --------------------------------------------------------------------------------------------------
function readCard(text, today) {
  if (OTHER_CODE.test(text) || PAYMENT.test(text) || PRODUCT.test(text)) return refused("not_id_card");
  if (INSURANCE.test(text)) return refused("insurance_card");
  if (text.includes("\ufffd")) return refused("letters_lost");
  const fields = fieldsOf(text);
  if (!SHAPES.includes(fields.length)) return isCutOff(text, fields) ? refused("truncated") : TO_CHECK;
  // A second number means two reads in one text: only the server takes them apart.
  if (fields.slice(1, 7).some((field) => LONG_NUMBER.test(field)) || fields[0].length > LENGTH) return TO_CHECK;
  const fault = cardFault(fields);
  if (fault) return fault;
  const [number, , name, birth, sex, , issued] = fields;
  const person = { number, name, birth: isoDay(birth), sex: sexOf(sex) };
  const isPlain = fields.every((field) => PLAIN.test(field) && field === field.normalize("NFC"));
  const isNamed = isName(name) && isAddress(fields[5]) && isRest(fields.slice(7));
  // Cards of seven fields were issued from 2021 to June 2024, those of eleven since: any other was cut off, or two were mixed.
  const isOfItsTime = fields.length === 11 ? isoDay(issued) >= NEW_CARD : isoDay(issued) >= CHIP_CARD && isoDay(issued) < NEW_CARD;
  const isWhole = isOfItsTime && /^([0-9]{9})?$/.test(fields[1]);
  const isCertain = isPlain && isWhole && isNamed && person.birth && person.sex && isoDay(issued) && person.birth <= today && isoDay(issued) <= today;
  return isCertain ? { verdict: "ok", reason: "", person } : TO_CHECK;
}

function fieldsOf(text) {
  const mapped = text.includes("|") ? text : text.replace(SEPARATORS, "|");
  // Trailing blanks belong to the last field; a doubled read of the same card stands for one.
  const halves = [mapped.slice(0, mapped.length / 2), mapped.slice(Math.ceil(mapped.length / 2))];
  const once = mapped.length % 2 === 0 && halves[0] === halves[1] && /^[0-9]{12}\|/.test(mapped) ? halves[0] : mapped;
  return once.split("|").map((field) => field.trim());
}

function isCutOff(text, fields) {
  const isPlain = fields.every((field) => PLAIN.test(field)) && !/[\t\r\n\\]/.test(text);
  const numbers = text.match(/[0-9]{12}/g) || [];
  return isPlain && fields.length > 1 && fields.length < 7 && /^[0-9]{12}$/.test(fields[0]) && numbers.length === 1 && !/[0-9]{13}/.test(text);
}

// A refusal that no repair of letters could lift: it rests on digits that were read as digits, in their own field.
function cardFault(fields) {
  const [number, old, , birth, sex, , issued] = fields;
  if (!/^[0-9]+$/.test(number)) return TO_CHECK;
  if (number.length < LENGTH) return refused("bad_number");
  if (/^[0-9]+$/.test(old) && ![OLD_LENGTH, LENGTH].includes(old.length)) return refused("bad_old_id");
  const isDate = /^[0-9]{8}$/;
  if (!isDate.test(birth)) return TO_CHECK;
  const born = isoDay(birth);
  if (!born) return refused("bad_dob");
  const known = sexOf(sex);
  if (!known && /^[A-Za-z]+$/.test(sex) && !/^n/i.test(sex)) return refused("bad_sex");
  if (fields.length === 7 && /^[0-9]{1,7}$/.test(issued)) return refused("truncated");
  if (isDate.test(issued) && isoDay(issued) && isoDay(issued) < born) return refused("issued_before_birth");
  if (known && known !== numberSex(number)) return refused("number_sex_conflict");
  if (numberYear(number) !== Number(born.slice(0, 4))) return refused("number_year_conflict");
  return null;
}

function sexOf(field) {
  const word = field.normalize("NFC").toLocaleLowerCase("vi");
  return word === "nam" ? "Nam" : word === "nữ" ? "Nữ" : "";
}

function numberSex(number) {
  return Number(number[3]) % 2 ? "Nữ" : "Nam";
}

function numberYear(number) {
  return 1900 + 100 * Math.floor(Number(number[3]) / 2) + Number(number.slice(4, 6));
}

// «05031990» to «1990-03-05»; empty where there is no such day.
function isoDay(field) {
  const found = /^([0-9]{2})([0-9]{2})([0-9]{4})$/.exec(field);
  return found ? realDay(Number(found[3]), Number(found[2]), Number(found[1])) : "";
}

function realDay(year, month, day) {
  const date = new Date(Date.UTC(2000, 0, 1));
  date.setUTCFullYear(year, month - 1, day);
  const isReal = year > 1850 && date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isReal ? date.toISOString().slice(0, 10) : "";
}

// A name with marks, of syllables that are Vietnamese as they stand: nothing was lost and nothing is left to decode.
function isName(name) {
  const words = name.split(" ");
  return words.length > 1 && /[^\u0000-\u007f]/.test(name) && words.every((word) => isSyllable(word) && isCapital(word, name));
}

// «Thử» in «Nguyễn Văn Thử», «THỬ» in «NGUYỄN VĂN THỬ»: a word that begins small has lost its first letter.
function isCapital(word, name) {
  const big = word.toLocaleUpperCase("vi");
  return name === name.toLocaleUpperCase("vi") || word === big[0] + word.slice(1).toLocaleLowerCase("vi");
}

// «Số 12 Ngõ 34, Phường Thí Nghiệm, TP. Hồ Chí Minh»: syllables, house numbers, a title cut short.
function isAddress(address) {
  const words = address.split(/[ ,]+/).filter(Boolean);
  return words.length > 1 && words.every((word) => isSyllable(word) || /^[0-9]+[A-Z]?(\/[0-9]+)*$/.test(word) || PLACE_WORD.test(word));
}

// What follows the day of issue on newer cards: a cancelled number, father, mother, and one that is always empty.
function isRest([cancelled = "", father = "", mother = "", last = ""]) {
  return /^([0-9]{12})?$/.test(cancelled) && [father, mother].every((parent) => !parent || isName(parent)) && !last;
}

/** Tell whether a word can be a Vietnamese syllable as it is written. */
export function isSyllable(word) {
  const parts = word.normalize("NFD");
  const tones = parts.match(TONES) || [];
  if (!/^(\p{Lu}+|\p{Lu}?\p{Ll}*)$/u.test(word.normalize("NFC"))) return false;
  const plain = parts.replace(TONES, "").normalize("NFC").toLocaleLowerCase("vi");
  return tones.length < 2 && plain.length > 1 && SYLLABLE.test(plain) && !MISSPELT.test(plain);
}

// -- the machine-readable zone -----------------------------------------------------------------------------------------
function mrzLines(text) {
  return text.split(/[\r\n]+/).map((line) => line.trim()).filter(Boolean);
}

// `isPlain`: nothing but the signs of a zone was read; a blank may stand for its filler.
function readMrz(text, today, isPlain) {
  const lines = mrzLines(text);
  const zone = ZONES.find(({ count, width }) => lines.length === count && lines.every((line) => line.length === width));
  const fault = zone ? zoneFault(lines.join(""), zone) : isPlain ? lengthFault(lines) : "";
  if (fault) return refused(fault);
  const person = zone && (zone.count === 3 ? cardZone(lines, today) : passportZone(lines, today));
  return person ? { verdict: "ok", reason: "", person } : TO_CHECK;
}

function lengthFault(lines) {
  const all = lines.join("");
  const isTwice = all.slice(0, all.length / 2) === all.slice(all.length / 2);
  if (ZONES.some(({ count, width }) => all.length === count * width || (isTwice && all.length === 2 * count * width))) return "";
  return ZONES.some(({ width }) => lines.every((line) => line.length === width)) ? "bad_line_count" : "bad_length";
}

// Only what no mending of misread letters could lift: signs that may stand where they stand, under a check digit that contradicts them. In
// the order in which the server looks.
function zoneFault(zone, { count, number, birth, sex, expiry, optional, hasCheck, composite }) {
  const [isVietnam, isCard] = [zone.slice(2, 5) === "VNM", count === 3];
  const part = (start, length) => zone.slice(start, start + length);
  const contradicts = (start, length) => check(part(start, length)) !== zone[start + length];
  const isDigits = (start, length) => /^[0-9]+$/.test(part(start, length));
  const last = isCard ? 59 : zone.length - 1;
  const isNumber = isDigits(number + 9, 1) && (!isVietnam || (isCard ? isDigits(number, 9) : /^[A-Z][0-9]{7}[0-9<]$/.test(part(number, 9))));
  const hasCitizen = isVietnam && isCard && /^[0-9]{12}<<[0-9]$/.test(part(15, 15));
  // K and C may be fillers there that were misread.
  const isRest = isCard && isVietnam ? hasCitizen && /^<{11}$/.test(part(48, 11)) : optional.every(([start, length]) => !/[KC]/.test(part(start, length)));
  const isMarked = !hasCheck || (/[0-9<]/.test(zone[86]) && (!isVietnam || /^[0-9<]+$/.test(part(72, 14))));
  const isWhole = isNumber && isRest && isMarked && isDigits(birth, 7) && isDigits(expiry, 7);
  if (isNumber && contradicts(number, 9)) return "bad_document_number_check";
  if (hasCitizen && contradicts(15, 14)) return "bad_citizen_number_check";
  if (isDigits(birth, 7) && contradicts(birth, 6)) return "bad_birth_check";
  if (isDigits(expiry, 7) && contradicts(expiry, 6)) return "bad_expiry_check";
  if (hasCheck && isWhole && zone[86] !== "<" && contradicts(72, 14)) return "bad_optional_check";
  if (isWhole && isDigits(last, 1) && check(composite.map((each) => part(...each)).join("")) !== zone[last]) return "bad_composite_check";
  if (hasCitizen && isNumber && part(18, 9) !== part(number, 9)) return "number_copies_differ";
  if (isDigits(birth, 6) && ![1900, 2000].some((century) => zoneDay(century, part(birth, 6)))) return "bad_birth_date";
  if (isDigits(expiry, 6) && !zoneDay(2000, part(expiry, 6))) return "bad_expiry_date";
  if (!/[MFX<]/.test(zone[sex])) return "bad_sex";
  if (hasCitizen && isDigits(birth, 2) && part(birth, 2) !== part(19, 2)) return "number_year_conflict";
  return hasCitizen && /[MF]/.test(zone[sex]) && numberSex(part(15, 12)) !== (zone[sex] === "M" ? "Nam" : "Nữ") ? "number_sex_conflict" : "";
}

function zoneDay(century, text) {
  return realDay(century + Number(text.slice(0, 2)), Number(text.slice(2, 4)), Number(text.slice(4)));
}

// The Vietnamese card: nine digits with their check, the whole number with its own.
function cardZone([first, second, third], today) {
  const found = /^IDVNM([0-9]{9})([0-9])([0-9]{12})<<([0-9])$/.exec(first);
  const dates = /^([0-9]{6})([0-9])([MF])([0-9]{6})([0-9])VNM<{11}([0-9])$/.exec(second);
  if (!found || !dates || !/^[A-Z]+(<[A-Z]+)*<<[A-Z]+(<[A-Z]+)*<*$/.test(third)) return null;
  const [, document, documentCheck, number, numberCheck] = found;
  const [, birth, birthCheck, sex, expiry, expiryCheck, all] = dates;
  const checks =
    check(document) === documentCheck &&
    check(number + "<<") === numberCheck &&
    check(birth) === birthCheck &&
    check(expiry) === expiryCheck &&
    check(first.slice(5) + second.slice(0, 7) + second.slice(8, 15) + second.slice(18, 29)) === all;
  if (!checks || number.slice(3) !== document) return null;
  const year = numberYear(number);
  const born = realDay(year, Number(birth.slice(2, 4)), Number(birth.slice(4)));
  const word = sex === "M" ? "Nam" : "Nữ";
  const holds = born && born <= today && birth.slice(0, 2) === String(year % 100).padStart(2, "0") && numberSex(number) === word;
  if (!holds || !realDay(2000 + Number(expiry.slice(0, 2)), Number(expiry.slice(2, 4)), Number(expiry.slice(4)))) return null;
  return { number, name: zoneName(third), birth: born, sex: word };
}

// A foreign passport: shown when every check digit holds, else left to the server.
function passportZone(lines, today) {
  if (lines.length !== 2 || lines.some((line) => line.length !== 44)) return null;
  const [first, second] = lines;
  const found = /^(?=[A-Z0-9]+<*[0-9][A-Z])([A-Z0-9<]{9})([0-9])([A-Z<]{3})([0-9]{6})([0-9])([MF])([0-9]{6})([0-9])([A-Z0-9<]{14})([0-9<])([0-9])$/.exec(second);
  if (!found || !/^P[A-Z<][A-Z<]{3}[A-Z]/.test(first) || first.slice(2, 5) === "VNM") return null;
  const [, document, documentCheck, , birth, birthCheck, sex, expiry, expiryCheck, optional, optionalCheck, all] = found;
  const checks =
    check(document) === documentCheck &&
    check(birth) === birthCheck &&
    check(expiry) === expiryCheck &&
    (check(optional) === optionalCheck || (optionalCheck === "<" && /^<+$/.test(optional))) &&
    check(second.slice(0, 10) + second.slice(13, 20) + second.slice(21, 43)) === all;
  if (!checks) return null;
  const [day, month] = [Number(birth.slice(4)), Number(birth.slice(2, 4))];
  const recent = realDay(2000 + Number(birth.slice(0, 2)), month, day);
  const born = recent && recent <= today ? recent : realDay(1900 + Number(birth.slice(0, 2)), month, day);
  const ends = realDay(2000 + Number(expiry.slice(0, 2)), Number(expiry.slice(2, 4)), Number(expiry.slice(4)));
  if (!born || !ends) return null;
  const number = `${first.slice(2, 5).replace(/</g, "")}:${document.replace(/</g, "")}`;
  return { number, name: zoneName(first.slice(5)), birth: born, sex: sex === "M" ? "Nam" : "Nữ" };
}

function zoneName(zone) {
  return zone.replace(/<+$/, "").replace(/<+/g, " ");
}

function check(text) {
  const weights = [7, 3, 1];
  const sum = [...text].reduce((total, letter, index) => total + valueOf(letter) * weights[index % 3], 0);
  return String(sum % 10);
}

function valueOf(letter) {
  return letter === "<" ? 0 : /[0-9]/.test(letter) ? Number(letter) : letter.charCodeAt(0) - 55;
}

// -- for the screen ----------------------------------------------------------------------------------------------------
/** «Nguyễn Thị H. · …2231»: as much of a person as a list shows. */
export function labelOf(person) {
  const words = person.name.split(" ").filter(Boolean);
  const short = words.length > 1 ? [...words.slice(0, -1), `${words[words.length - 1][0]}.`].join(" ") : person.name;
  return [short, person.number && `…${person.number.slice(-4)}`].filter(Boolean).join(" · ");
}
