// Veils what is revealed as soon as the page is left, or nobody has done anything on it for long, and covers it while it
// is hidden. Without it the server veils too, at the next request.
"use strict";

// What stands on the page only while it is revealed.
const REVEALED = "#address, .report .words, .report .legible, [data-revealed]";

document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("veil");
  if (!form) return;
  const patience = form.dataset.seconds * 1000;
  let lastAct = Date.now();
  let drawn = false;

  // What was entered stays: only what was revealed goes.
  function draw() {
    if (drawn) return;
    drawn = true;
    const said = new URLSearchParams(new FormData(form));
    said.append("page", form.dataset.page);
    navigator.sendBeacon(form.action, said);
    for (const each of document.querySelectorAll(REVEALED)) {
      each.replaceChildren();
      each.hidden = true;
    }
    document.getElementById("veiled-again").hidden = false;
  }

  function drawIfForgotten() {
    if (Date.now() - lastAct >= patience) draw();
  }

  window.addEventListener("pagehide", draw);
  // Brought back as it was, by Back: as the server would show it now, instead.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
  document.addEventListener("visibilitychange", () => {
    drawIfForgotten();
    document.documentElement.classList.toggle("away", document.hidden);
  });
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
