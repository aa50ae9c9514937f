// What the device keeps, in IndexedDB: who it is, what it was told, and its events.
//
// An event is on the disk, sealed, before anybody is told that it is stored: each write asks for `durability: "strict"` and waits for the
// transaction. Its sequence number is taken in that same transaction, so that no number is lost or given twice. The number stands outside
// the sealed part, for it is known only then.

const NAME = "diem06-desk";
const VERSION = 1;
let opened = null;

function database() {
  if (!opened) {
    opened = new Promise((resolve, reject) => {
      const request = indexedDB.open(NAME, VERSION);
      request.onupgradeneeded = () => {
        request.result.createObjectStore("device");
        const events = request.result.createObjectStore("events", { keyPath: "id" });
        events.createIndex("sequence", "sequence", { unique: true });
        events.createIndex("state", "state");
      };
      request.onsuccess = () => {
        // Another tab wipes the device: let it.
        request.result.onversionchange = () => {
          request.result.close();
          opened = null;
        };
        resolve(request.result);
      };
      request.onerror = () => reject(request.error);
      request.onblocked = () => reject(new Error("blocked"));
    });
    opened.catch(() => {
      opened = null;
    });
  }
  return opened;
}

/** Run `work(stores)` in one transaction; resolve with its value once everything is on the disk. */
async function within(names, mode, work) {
  const db = await database();
  return new Promise((resolve, reject) => {
    const transaction = db.transaction(names, mode, { durability: "strict" });
    let value;
    transaction.oncomplete = () => resolve(value);
    transaction.onabort = () => reject(transaction.error || new Error("aborted"));
    transaction.onerror = () => {};
    work(Object.fromEntries(names.map((name) => [name, transaction.objectStore(name)])), (result) => {
      value = result;
    });
  });
}

// -- the device --------------------------------------------------------------------------------------------------------
export function get(key) {
  return within(["device"], "readonly", ({ device }, give) => {
    device.get(key).onsuccess = (event) => give(event.target.result);
  });
}

/** Write several values of the device at once. */
export function put(values) {
  return within(["device"], "readwrite", ({ device }) => {
    for (const [key, value] of Object.entries(values)) device.put(value, key);
  });
}

// -- events ------------------------------------------------------------------------------------------------------------
/** Store a sealed event under the next sequence number; resolve with the stored record. Rejects with QuotaExceededError on a full disk. */
export function add(record) {
  return within(["device", "events"], "readwrite", ({ device, events }, give) => {
    device.get("next_sequence").onsuccess = (event) => {
      const sequence = event.target.result || 1;
      const stored = { ...record, sequence };
      device.put(sequence + 1, "next_sequence");
      give(stored);
      events.add(stored);
    };
  });
}

/** Give a stored event the next free sequence number, because another one holds its own on the server. */
export function renumber(id) {
  return within(["device", "events"], "readwrite", ({ device, events }) => {
    device.get("next_sequence").onsuccess = (told) => {
      const sequence = told.target.result || 1;
      events.get(id).onsuccess = (found) => {
        if (!found.target.result) return;
        events.put({ ...found.target.result, sequence });
        device.put(sequence + 1, "next_sequence");
      };
    };
  });
}

/** Change stored events: `changes` maps an id to the fields that change. What is no longer there stays away. */
export function change(changes) {
  return within(["events"], "readwrite", ({ events }) => {
    for (const [id, fields] of changes) {
      events.get(id).onsuccess = (event) => {
        if (event.target.result) events.put({ ...event.target.result, ...fields });
      };
    }
  });
}

export function remove(ids) {
  return within(["events"], "readwrite", ({ events }) => {
    for (const id of ids) events.delete(id);
  });
}

/** Return all records in the order of their sequence. */
export function all() {
  return within(["events"], "readonly", ({ events }, give) => {
    events.index("sequence").getAll().onsuccess = (event) => give(event.target.result);
  });
}

/** Empty the device: everything that it keeps is gone when this resolves. */
export async function empty() {
  await within(["device", "events"], "readwrite", ({ device, events }) => {
    device.clear();
    events.clear();
  });
  (await database()).close();
  opened = null;
  await new Promise((resolve) => {
    const request = indexedDB.deleteDatabase(NAME);
    // Blocked by another tab: it is empty all the same.
    request.onsuccess = request.onerror = request.onblocked = resolve;
  });
}
