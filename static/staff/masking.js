// Hides revealed content when the page is left or has been idle for too long, and covers it while the tab is in the
// background. Without this script the server hides it at the next request.
"use strict";

// Elements that are on the page only while the incident is revealed.
const REVEALED = "#address, .report .words, .report .legible, [data-revealed]";

document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("hide");
  if (!form) return;
  const patience = form.dataset.seconds * 1000;
  let lastAct = Date.now();
  let drawn = false;

  // Remove revealed content only; the user's input stays.
  function draw() {
    if (drawn) return;
    drawn = true;
    // A letter is part of one response: its form leads to the page without it, and there is nothing to tell the server.
    if (form.method === "post") {
      const said = new URLSearchParams(new FormData(form));
      said.append("page", form.dataset.page);
      navigator.sendBeacon(form.action, said);
    }
    for (const each of document.querySelectorAll(REVEALED)) {
      each.replaceChildren();
      each.hidden = true;
    }
    document.getElementById("masked-again").hidden = false;
  }

  function drawIfForgotten() {
    if (Date.now() - lastAct >= patience) draw();
  }

  window.addEventListener("pagehide", draw);
  // The page was restored by the Back button: reload it, so that it shows the current state.
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    if (form.method === "post") location.reload();
    else location.replace(form.action);
  });
  function coverWhileHidden() {
    drawIfForgotten();
    document.documentElement.classList.toggle("away", document.hidden);
  }
  document.addEventListener("visibilitychange", coverWhileHidden);
  // The tab may have been left before this script ran.
  coverWhileHidden();
  document.addEventListener("input", () => { lastAct = Date.now(); });
  setInterval(drawIfForgotten, Math.min(patience, 5000));

  for (const button of document.querySelectorAll("[data-copies]")) {
    const field = document.getElementById(button.dataset.copies);
    const said = document.querySelector("[data-copy-said]");
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(field.value);
        said.textContent = said.dataset.done;
      } catch {
        field.select();
        said.textContent = said.dataset.failed;
      }
    });
  }
});
