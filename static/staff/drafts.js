// Saves input as a draft while the user types. Without this script, a button saves it.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  for (const form of document.querySelectorAll("form[data-draft]")) {
    const said = form.querySelector("[data-draft-said]");
    if (!said) continue;
    let waiting;

    async function keep() {
      const entered = new FormData(form);
      entered.append("quiet", "1");
      try {
        const answer = await fetch(form.dataset.draft, { method: "POST", body: entered, redirect: "manual" });
        said.textContent = answer.status === 204 ? said.dataset.kept : said.dataset.lost;
      } catch {
        said.textContent = said.dataset.lost;
      }
    }

    const soon = () => {
      clearTimeout(waiting);
      waiting = setTimeout(keep, 800);
    };
    form.addEventListener("input", soon);
    form.addEventListener("submit", () => clearTimeout(waiting));
  }
});
