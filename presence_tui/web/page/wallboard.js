"use strict";

// Run before the library's own start, which waits for the whole page: where its socket is, is told here, so
// that the page works under whatever name or path a proxy gives it.
const AGAIN_MS = 5000;
const socket = new URL("ws", location.href.split(/[?#]/)[0]);
socket.protocol = location.protocol === "https:" ? "wss:" : "ws:";
const terminal = document.querySelector(".textual-terminal");
terminal.dataset.sessionWebsocketUrl = socket.href;

// Read from across a room: about a hundred columns, unless the address asks for a size.
const COLUMNS = 100;
const WIDTH_OF_A_CHARACTER = 0.6;
if (!new URLSearchParams(location.search).has("fontsize")) {
  const size = Math.round(innerWidth / COLUMNS / WIDTH_OF_A_CHARACTER);
  terminal.dataset.fontSize = Math.min(72, Math.max(12, size));
}

// The library loads no font before it measures one.
document.fonts.load("16px 'Roboto Mono'");
document.fonts.load("bold 16px 'Roboto Mono'");

async function comeBack() {
  try {
    await fetch(location.href, { cache: "no-store" });
    location.reload();
  } catch {
    setTimeout(comeBack, AGAIN_MS);
  }
}

// Nobody stands before a wallboard to reload it.
const watcher = new MutationObserver(() => {
  if (document.body.classList.contains("-closed")) {
    watcher.disconnect();
    setTimeout(comeBack, AGAIN_MS);
  }
});
watcher.observe(document.body, { attributes: true });
