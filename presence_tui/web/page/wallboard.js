"use strict";

// Run before the library's own start, which waits for the whole page: where its socket is, is told here, so
// that the page works under whatever name or path a proxy gives it.
const AGAIN_MS = 5000;
const socket = new URL("ws", location.href.split(/[?#]/)[0]);
socket.protocol = location.protocol === "https:" ? "wss:" : "ws:";
document.querySelector(".textual-terminal").dataset.sessionWebsocketUrl = socket.href;

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
