// The keys of the device.
//
//   device key   ECDSA P-256, made here, never to be taken out: it signs what the device asks of the server
//   data key     AES-GCM: seals each event with a new IV and the event's id as additional data. It is kept only wrapped: under a key
//                made from the operator's PIN, and under the server's escrow key for the day when the PIN is forgotten
//
// Unlocked, the data key lives in memory and cannot be taken out.

import { fromBase64, fromUtf8, sha256Hex, toBase64, utf8 } from "./bytes.js";
import * as store from "./store.js";

const ITERATIONS = 600000;
const ECDH = { name: "ECDH", namedCurve: "P-256" };
const ECDSA = { name: "ECDSA", namedCurve: "P-256" };
const SIGNED = { name: "ECDSA", hash: "SHA-256" };
const INFO = "diem06 desk queue";
const FREE_TRIES = 3;
const LONGEST_DELAY = 300000;

const PIN_SHAPE = /^[0-9]{6,12}$/;
const IN_ORDER = "01234567890123 98765432109876";

/** Return why a PIN is none that may be set: the key of what is said, or nothing. One digit again and again, or digits in order, is guessed first. */
export function pinFault(pin) {
  if (!PIN_SHAPE.test(pin)) return "pin_shape";
  return IN_ORDER.includes(pin) || /^(.)\1+$/.test(pin) ? "pin_easy" : "";
}

let dataKey = null;

export function isOpen() {
  return dataKey !== null;
}

export function lock() {
  dataKey = null;
}

// -- signing -----------------------------------------------------------------------------------------------------------
export async function makeDeviceKey() {
  const pair = await crypto.subtle.generateKey(ECDSA, false, ["sign", "verify"]);
  return { privateKey: pair.privateKey, publicKey: toBase64(await crypto.subtle.exportKey("spki", pair.publicKey)) };
}

export async function sign(privateKey, text) {
  return toBase64(await crypto.subtle.sign(SIGNED, privateKey, utf8(text)));
}

// -- the PIN -----------------------------------------------------------------------------------------------------------
async function keyOfPin(pin, salt, iterations) {
  const material = await crypto.subtle.importKey("raw", utf8(pin), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", salt, iterations, hash: "SHA-256" };
  return crypto.subtle.deriveKey(how, material, { name: "AES-GCM", length: 256 }, false, ["wrapKey", "unwrapKey"]);
}

async function wrapped(key, pin) {
  const [salt, iv] = [crypto.getRandomValues(new Uint8Array(16)), crypto.getRandomValues(new Uint8Array(12))];
  const under = await keyOfPin(pin, salt, ITERATIONS);
  const bytes = await crypto.subtle.wrapKey("raw", key, under, { name: "AES-GCM", iv });
  return { salt, iv, iterations: ITERATIONS, wrapped: bytes };
}

async function unwrapped(kept, pin, isExtractable) {
  const under = await keyOfPin(pin, kept.salt, kept.iterations);
  const how = { name: "AES-GCM", iv: kept.iv };
  return crypto.subtle.unwrapKey("raw", kept.wrapped, under, how, "AES-GCM", isExtractable, ["encrypt", "decrypt"]);
}

/** Make the data key, keep it under the PIN and under the server's escrow key, and open it. */
export async function setPin(pin, escrowKey) {
  const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, true, ["encrypt", "decrypt"]);
  const kept = await wrapped(key, pin);
  const escrowed = await sealedForServer(new Uint8Array(await crypto.subtle.exportKey("raw", key)), escrowKey);
  await store.put({ pin: kept, escrowed, tries: { wrong: 0, until: 0 } });
  dataKey = await unwrapped(kept, pin, false);
}

/** Keep the data key under another PIN. Returns false where the old one is wrong. */
export async function changePin(old, pin) {
  try {
    const key = await unwrapped(await store.get("pin"), old, true);
    await store.put({ pin: await wrapped(key, pin) });
    return true;
  } catch (fault) {
    if (fault.name === "OperationError") return false;
    throw fault;
  }
}

/** Open the data key. Returns {ok, wait}: `wait` is how many milliseconds no further try is taken. */
export async function unlock(pin, now) {
  const tries = (await store.get("tries")) || { wrong: 0, until: 0 };
  // A clock that was set back would otherwise hold the operator off for good.
  const wait = Math.min(tries.until - now, LONGEST_DELAY);
  if (wait > 0) return { ok: false, wait };
  try {
    dataKey = await unwrapped(await store.get("pin"), pin, false);
  } catch (fault) {
    if (fault.name !== "OperationError") throw fault;
    const wrong = tries.wrong + 1;
    const delay = wrong < FREE_TRIES ? 0 : Math.min(5000 * 2 ** (wrong - FREE_TRIES), LONGEST_DELAY);
    await store.put({ tries: { wrong, until: now + delay } });
    return { ok: false, wait: delay };
  }
  await store.put({ tries: { wrong: 0, until: 0 } });
  return { ok: true, wait: 0 };
}

// -- records -----------------------------------------------------------------------------------------------------------
export async function seal(id, content) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const how = { name: "AES-GCM", iv, additionalData: utf8(id) };
  return { iv, sealed: await crypto.subtle.encrypt(how, dataKey, utf8(JSON.stringify(content))) };
}

export async function open(id, { iv, sealed }) {
  const how = { name: "AES-GCM", iv, additionalData: utf8(id) };
  return JSON.parse(fromUtf8(await crypto.subtle.decrypt(how, dataKey, sealed)));
}

// -- the last resort: for the server's eyes alone ----------------------------------------------------------------------
async function sealedForServer(bytes, escrowKey) {
  const server = await crypto.subtle.importKey("spki", fromBase64(escrowKey), ECDH, false, []);
  const mine = await crypto.subtle.generateKey(ECDH, false, ["deriveBits"]);
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: server }, mine.privateKey, 256);
  const material = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info: utf8(INFO) };
  const key = await crypto.subtle.deriveKey(how, material, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
  const nonce = crypto.getRandomValues(new Uint8Array(12));
  return {
    key: toBase64(await crypto.subtle.exportKey("spki", mine.publicKey)),
    nonce: toBase64(nonce),
    sealed: toBase64(await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, key, bytes)),
  };
}

/** Return the file of an open device: its waiting events, sealed for the server. */
export async function exportOfEvents(identity, events) {
  const part = await sealedForServer(utf8(JSON.stringify({ events })), identity.escrowKey);
  const signature = await sign(identity.privateKey, `${part.sealed}\n${part.key}\n${part.nonce}`);
  return { version: 1, device: identity.code, ...part, signature };
}

/** Return the file of a device whose PIN is forgotten: its records as they lie there, and their key sealed for the server. */
export async function exportOfRecords(identity, kept) {
  const part = await store.get("escrowed");
  const records = kept.map(({ id, sequence, iv, sealed }) => ({ id, sequence, iv: toBase64(iv), sealed: toBase64(sealed) }));
  const digest = await sha256Hex(utf8(JSON.stringify(records)));
  const signature = await sign(identity.privateKey, `${part.sealed}\n${part.key}\n${part.nonce}\n${digest}`);
  return { version: 2, device: identity.code, ...part, records, signature };
}
