// Inserts a standard reply into the message immediately. Without this script the button submits the form, and the page
// is shown again with the text in it. Nothing is sent to a reporter either way.
"use strict";

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-insert]");
  const message = button && document.getElementById(button.dataset.insert);
  if (!message) return;
  event.preventDefault();
  const text = button.closest(".to-reporter").querySelector("select").selectedOptions[0].dataset.text;
  if (!text) return;
  message.value = [message.value.trimEnd(), text].filter(Boolean).join("\n");
  message.dispatchEvent(new Event("input", { bubbles: true }));
  message.focus();
});
