// Keys of the local page: those of the staff site. Without this script every choice is a button or a field.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  document.documentElement.classList.add("scripted");
  const form = document.getElementById("work");
  const groups = form ? [...form.querySelectorAll("fieldset[data-group]")] : [];
  const chosen = (name) => form.querySelector(`[name="${name}"]:checked`)?.value ?? "";
  const isAnswered = (group) => group.querySelector(":checked:not([value=''])") !== null;
  const isOpen = (group) => !group.disabled && "needed" in group.dataset && !isAnswered(group);

  // Fields that do not apply are hidden and disabled; their values are kept in case they apply again.
  function arrange() {
    for (const group of groups) {
      const [name, values] = (group.dataset.if ?? "").split("=");
      const applies = !name || values.split(" ").includes(chosen(name));
      group.disabled = !applies;
      (group.closest("details") ?? group).hidden = !applies;
      const place = group.closest("details")?.querySelector("[data-chosen]");
      const labels = [...group.querySelectorAll(".choice:not(.none) input:checked ~ span")];
      if (place) place.textContent = labels.map((label) => label.textContent).join(", ");
    }
    for (const option of form?.querySelectorAll("[data-of]") ?? []) {
      const applies = option.dataset.of.split(" ").includes(chosen("verdict"));
      option.hidden = !applies;
      option.querySelector("input").disabled = !applies;
    }
    const keys = "123456789abcdefgh";
    for (const group of groups) {
      [...group.querySelectorAll(".choice:not([hidden]):not(.none)")].forEach((option, at) => {
        option.querySelector("input").dataset.digit = keys[at] ?? "";
        option.querySelector("kbd").textContent = keys[at] ?? "";
      });
    }
  }

  function toGroup(group) {
    const more = group.closest("details");
    if (more) more.open = true;
    const input = group.querySelector(".choice:not(.none) input:checked:not(:disabled)")
      ?? group.querySelector(".choice:not([hidden]):not(.none) input, select, input");
    input?.focus();
    group.scrollIntoView({ block: "nearest" });
  }

  function moveOn() {
    const next = groups.find(isOpen);
    if (next) toGroup(next);
    else form.querySelector("[data-save]")?.focus();
  }

  function isTyping(target) {
    if (/^(TEXTAREA|SELECT)$/.test(target.tagName)) return true;
    return target.tagName === "INPUT" && !/^(radio|checkbox|submit|button)$/.test(target.type) && !target.readOnly;
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target)) return;
    const focused = document.activeElement?.closest("fieldset[data-group]");
    const group = focused ?? groups.find(isOpen);
    const input = group?.querySelector(`.choice:not([hidden]) input[data-digit="${CSS.escape(event.key)}"]`);
    const named = form?.querySelectorAll(`[data-group-key="${CSS.escape(event.key)}"]`) ?? [];
    const opened = [...named].find((each) => !each.disabled);
    const pressed = [...document.querySelectorAll(`[data-key="${CSS.escape(event.key)}"]`)];
    const button = pressed.find((each) => !each.disabled && each.checkVisibility());
    if (input && !input.disabled) {
      event.preventDefault();
      input.click();
      input.focus();
      if (input.type === "radio") moveOn();
    } else if (opened) {
      event.preventDefault();
      if (opened.tagName === "DETAILS") opened.open = true;
      toGroup(opened);
    } else if (button) {
      event.preventDefault();
      button.click();
    }
  });

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

  form?.addEventListener("change", arrange);
  form?.addEventListener("input", keepDraft);
  form?.addEventListener("submit", () => clearTimeout(saving));
  if (form) {
    arrange();
    moveOn();
  }
});
