// Calls to the server: signed with the device's key, and a clock that learns from every answer.

import { sha256Hex, utf8 } from "./bytes.js";
import { sign } from "./vault.js";

const PATIENCE = 30000; // milliseconds until a call counts as lost

export class Lost extends Error {} // no answer: the network, or a server that is down

export class Refused extends Error {
  constructor(status, answer) {
    super(answer.message || String(status));
    this.status = status;
    this.answer = answer;
    this.code = answer.code || "";
  }
}

// -- the clock ---------------------------------------------------------------------------------------------------------
// The device's own clock is never trusted and never corrected: what it shows is sent, beside how far it is off. A demo's clock is set
// back by `pretended` milliseconds.
const clock = { pretended: 0, offset: null, told: null };

export function setClock({ pretended, offset }) {
  if (pretended !== undefined) clock.pretended = pretended;
  if (offset !== undefined) clock.offset = offset;
}

export function now() {
  return Date.now() + clock.pretended;
}

/** Return how many milliseconds the server's clock is before the device's; null where no answer ever told. */
export function offset() {
  if (!clock.told) return clock.offset;
  // By the time since the last answer, which no change of the clock touches.
  return Math.round(clock.told.server + (performance.now() - clock.told.at) - now());
}

function learn(time, sent, received) {
  const server = Date.parse(time);
  if (Number.isNaN(server)) return;
  clock.told = { server: server + (received - sent) / 2, at: received };
  clock.offset = offset();
}

export function iso(milliseconds) {
  return new Date(milliseconds).toISOString();
}

// -- calls -------------------------------------------------------------------------------------------------------------
async function answerTo(method, path, body, headers) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE);
  const sent = performance.now();
  try {
    const response = await fetch(path, {
      method,
      body,
      headers: body === undefined ? headers : { ...headers, "Content-Type": "application/json" },
      credentials: "omit",
      cache: "no-store",
      redirect: "error",
      signal: stop.signal,
    });
    const answer = await response.json();
    const received = performance.now();
    if (answer.state && answer.state.pretended_ms !== undefined) setClock({ pretended: answer.state.pretended_ms });
    if (answer.pretended_ms !== undefined) setClock({ pretended: answer.pretended_ms });
    if (answer.time) learn(answer.time, sent, received);
    if (!response.ok) throw new Refused(response.status, answer);
    return answer;
  } catch (fault) {
    if (fault instanceof Refused) throw fault;
    throw new Lost(fault.message);
  } finally {
    clearTimeout(timer);
  }
}

/** Ask with the device's signature. Throws Lost or Refused. */
export async function call(identity, method, path, content) {
  const body = content === undefined ? undefined : JSON.stringify(content);
  const time = iso(now());
  const digest = await sha256Hex(utf8(body || ""));
  const signature = await sign(identity.privateKey, `${method}\n${path}\n${time}\n${digest}`);
  return answerTo(method, path, body, {
    "Accept-Language": document.documentElement.lang,
    "Desk-Device": identity.code,
    "Desk-Time": time,
    "Desk-Signature": signature,
  });
}

export function enrol(content) {
  return answerTo("POST", "/desk/api/enrol/", JSON.stringify(content), { "Accept-Language": document.documentElement.lang });
}
