// Keeps the regions of a page up to date and adds the keyboard shortcuts; everything else works without it.
"use strict";

const source = { events: null };

function replace(name, markup) {
  const region = document.querySelector(`[data-live="${name}"]`);
  if (!region) return;
  const focused = region.contains(document.activeElement) ? document.activeElement : null;
  const address = focused && focused.getAttribute("href");
  const log = region.querySelector('[data-follow="end"]');
  const followed = log && log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  const position = log ? log.scrollTop : 0;
  region.innerHTML = markup;
  const fresh = region.querySelector('[data-follow="end"]');
  if (fresh) fresh.scrollTop = followed || !log ? fresh.scrollHeight : position;
  if (!focused) return;
  const same = address
    ? [...region.querySelectorAll("a")].find((link) => link.getAttribute("href") === address)
    : region.querySelector('[tabindex="0"]');
  if (same) same.focus({ preventScroll: true });
}

function listen() {
  const address = document.body.dataset.liveFrom;
  if (!address || source.events || document.hidden) return;
  source.events = new EventSource(address);
  for (const region of document.querySelectorAll("[data-live]")) {
    const name = region.dataset.live;
    source.events.addEventListener(name, (event) => replace(name, event.data));
  }
  source.events.addEventListener("end", () => stop(true));
}

// Browsers open few connections to one host, so a page that nobody sees must not keep one.
function stop(isOver) {
  if (source.events) source.events.close();
  source.events = null;
  if (isOver) delete document.body.dataset.liveFrom;
}

function keysAreOn() {
  return localStorage.getItem("keys") !== "off";
}

const actions = {
  "/": () => {
    const search = document.getElementById("q");
    if (search) search.select();
    else location.assign("/#q");
  },
  h: () => location.assign("/"),
  u: () => location.assign("/runs"),
  r: () => {
    const link = document.getElementById("roll-back");
    if (link) location.assign(link.href);
  },
  "?": () => {
    const help = document.getElementById("keys");
    help.open = true;
    help.querySelector("summary").focus();
  },
};

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, select, textarea");
  if (isTyping || event.ctrlKey || event.altKey || event.metaKey || !keysAreOn()) return;
  const action = actions[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});

document.addEventListener("visibilitychange", () => (document.hidden ? stop(false) : listen()));
window.addEventListener("pagehide", () => stop(false));
window.addEventListener("pageshow", () => {
  // A page that the browser has kept has its buttons as they were.
  for (const button of document.querySelectorAll("button")) button.disabled = false;
  listen();
});

for (const log of document.querySelectorAll('[data-follow="end"]')) log.scrollTop = log.scrollHeight;
if (location.hash === "#q") document.getElementById("q")?.select();

const toggle = document.getElementById("keys-on");
if (toggle) {
  toggle.checked = keysAreOn();
  toggle.addEventListener("change", () => localStorage.setItem("keys", toggle.checked ? "on" : "off"));
}

// A form is sent once, however often its button is pressed.
for (const form of document.querySelectorAll('form[method="post"]')) {
  form.addEventListener("submit", () => {
    form.querySelector('button[type="submit"]').disabled = true;
  });
}
