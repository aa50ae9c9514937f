/**
 * Requests that change something carry Django's CSRF token.
 *
 * Signing in again in another tab makes a new one: the cookie is always the present one, the page's own meta element is not.
 */

const cookie = () => document.cookie.split("; ").find((one) => one.startsWith("csrftoken="))?.slice("csrftoken=".length);
const token = () => cookie() ?? document.querySelector('meta[name="csrf-token"]')?.content ?? "";

/** Send `body` (FormData, URLSearchParams or an object as JSON) and return the Response; network failures reject. */
export function post(url, body) {
  const headers = { "X-CSRFToken": token(), Accept: "application/json" };
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
