// One step back for one move. Streamlit notes a page's new parameters below the old path first, then the new path:
// two entries in the history, and Back would lead to an address that never was. The second takes the first's place.
const SOON_MS = 5000;

if (!window.socHistory) {
  window.socHistory = true;
  const push = window.history.pushState.bind(window.history);
  let half = null;
  window.history.pushState = (state, title, url) => {
    const here = new URL(document.location.href);
    const next = new URL(url ?? here, here);
    const ends = half && half.href === here.href && Date.now() - half.at < SOON_MS;
    if (ends && next.pathname !== here.pathname && next.search === here.search) {
      half = null;
      window.history.replaceState(state, title, url);
      return;
    }
    push(state, title, url);
    half = next.pathname === here.pathname && next.search ? { href: next.href, at: Date.now() } : null;
  };
}

export default function () {}
