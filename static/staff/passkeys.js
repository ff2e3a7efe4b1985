// Signing in with a passkey is offered once the scripts for it are there. A passkey or security key that did not answer:
// the page says so above the button that asked for it, which the sign-in library says only to the console.
"use strict";

(() => {
  const note = document.getElementById("key-failed");
  let asked = null;

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    asked = button;
    note.hidden = true;
  }, true);

  document.addEventListener("DOMContentLoaded", () => {
    const offer = document.getElementById("with-passkey");
    if (offer) offer.hidden = false;
  });

  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    asked?.before(note);
    note.hidden = false;
  });
})();
