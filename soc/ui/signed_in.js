// Who signed in, and the way to the account. Each tab asks every two seconds whether the session lasts: where it ended, the
// browser leaves for the page on which one signs in. (The server has closed the page's websocket by then.)
const EVERY_MS = 2000;

async function look(base) {
  if (document.hidden) return;
  try {
    const answer = await fetch(`${base}/signin/here`, { cache: "no-store", credentials: "same-origin" });
    if (answer.status === 401) {
      const here = window.location.pathname + window.location.search;
      window.location.assign(`${base}/signin?next=${encodeURIComponent(here)}`);
    }
  } catch {
    // the server is away: the page says so itself
  }
}

export default function (component) {
  const { data, parentElement } = component;
  const link = parentElement.querySelector("a");
  link.href = `${data.base}/account`;
  link.textContent = `${data.name} · ${data.role}`;
  if (!window.socSignedIn) {
    window.socSignedIn = true;
    setInterval(() => look(data.base), EVERY_MS);
    document.addEventListener("visibilitychange", () => look(data.base));
  }
}
