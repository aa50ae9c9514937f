// The service worker of the desk: the app opens from here, with or without a network. What the app asks of the server (/desk/api/) never
// passes through it. A new version waits until the page, at a quiet moment, tells it to take over.

const CACHE = "diem06-desk-{{ version }}";
const SHELL = ["/desk/", "/desk/test/", "/desk/manifest.webmanifest"];
const FILES = {{ precache|safe }};

self.addEventListener("install", (event) => {
  const fresh = SHELL.map((path) => new Request(path, { cache: "reload", credentials: "omit" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll([...fresh, ...FILES])));
});

self.addEventListener("activate", (event) => {
  const tidy = async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name.startsWith("diem06-desk-") && name !== CACHE).map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(tidy());
});

self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (!SHELL.includes(url.pathname) && !FILES.includes(url.pathname)) return;
  const answer = async () => (await (await caches.open(CACHE)).match(url.pathname)) || fetch(event.request);
  event.respondWith(answer());
});
