// The local page: copies the address, keeps drafts, and asks again once the server has hidden what it shows. Its keys
// are those of the staff site: `keys.js` and `decide.js`, which fill_folder.py copies here.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("work");
  // The focus stays where it is, so that the next digit chooses.
  for (const button of document.querySelectorAll("[data-copy]")) {
    const [address, said] = [document.getElementById("address"), document.querySelector("[data-copy-said]")];
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(address.value);
        said.textContent = "Copied";
      } catch {
        address.select();
        said.textContent = "Not copied: press Ctrl and C";
      }
    });
  }

  // Keeps the draft a moment after each change, so that leaving the page loses nothing.
  let saving = 0;
  function keepDraft() {
    clearTimeout(saving);
    saving = setTimeout(() => {
      const sent = new URLSearchParams(new FormData(form));
      sent.set("do", "draft");
      fetch(form.action, { method: "POST", body: sent, redirect: "manual" }).catch(() => {});
    }, 600);
  }

  // Asks again once the server has hidden what is shown, and when the Back button restored a page.
  let lastInput = Date.now();
  const patience = Number(document.documentElement.dataset.reloadAfter) * 1000;
  document.addEventListener("input", () => { lastInput = Date.now(); });
  setInterval(() => { if (Date.now() - lastInput >= patience) location.reload(); }, 5000);
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  form?.addEventListener("input", keepDraft);
  form?.addEventListener("submit", () => clearTimeout(saving));
});
