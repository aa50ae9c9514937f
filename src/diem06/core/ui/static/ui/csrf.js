/** Requests that change something carry Django's CSRF token; the page holds it in a meta element. */

const token = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

/** Send `body` (FormData, URLSearchParams or an object as JSON) and return the Response; network failures reject. */
export function post(url, body) {
  const headers = { "X-CSRFToken": token() };
  const isForm = body instanceof FormData || body instanceof URLSearchParams;
  if (!isForm) headers["Content-Type"] = "application/json";
  return fetch(url, {
    method: "POST",
    headers,
    body: isForm ? body : JSON.stringify(body ?? {}),
    credentials: "same-origin",
    redirect: "error", // an expired session answers 401, never the sign-in page in place of data
  });
}

/** Let every request of htmx that is no GET carry the token. */
export function addTokenToHtmx() {
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token();
  });
}
