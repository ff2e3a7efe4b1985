// Keyboard shortcuts for the staff site and the page of the isolated workstation. Each has an equivalent button or link,
// whose `data-shortcut` names the key.
"use strict";

(() => {
  const STORED = "staff.keys";
  const TYPING = /^(TEXTAREA|SELECT)$/;
  const CHOOSING = ["radio", "checkbox", "submit", "button"];

  const on = () => localStorage.getItem(STORED) !== "off";

  function typing(target) {
    if (target.isContentEditable || TYPING.test(target.tagName)) return true;
    return target.tagName === "INPUT" && !target.readOnly && !CHOOSING.includes(target.type);
  }

  // Whether a key press is a shortcut: not while the user is typing, and not if shortcuts are switched off.
  const listen = (event) => on() && !document.querySelector("dialog[open]") && !typing(event.target);
  window.staffKeys = { listen };

  function move(step) {
    const rows = [...document.querySelectorAll("[data-row]")];
    const at = rows.indexOf(document.activeElement);
    const next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step;
    rows[next]?.focus();
  }

  // Lanes are in the menu of every page.
  function openLanes() {
    const lane = document.querySelector(".menu .lanes a");
    if (!lane) return;
    lane.closest("details").open = true;
    lane.focus();
  }

  function focusFirst(selector) {
    const found = document.querySelector(selector);
    const fold = found?.closest("details");
    if (fold) fold.open = true;
    found?.focus();
    found?.select?.();
    return found;
  }

  // Digits choose an option in the group of the focused radio button or method, and record the outcome of a check. The
  // decision form has keys of its own (`decide.js`).
  function optionOf(key) {
    const focused = document.activeElement;
    if (!/^[1-9]$/.test(key) || !focused.matches("[type=radio], [name=methods], button[name=outcome]") || focused.closest("[data-group], li, tr")) return null;
    const options = focused.form?.querySelectorAll(`[name="${CSS.escape(focused.name)}"]:not([type=hidden], :disabled)`);
    return options?.[Number(key) - 1];
  }

  function prepare(dialog) {
    const box = dialog.querySelector("[data-keys-on]");
    box.checked = on();
    box.addEventListener("change", () => localStorage.setItem(STORED, box.checked ? "on" : "off"));
    for (const button of document.querySelectorAll("[data-open-keys]")) {
      button.hidden = false;
      button.addEventListener("click", () => dialog.showModal());
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.documentElement.classList.add("scripted");
    // Only the staff site lists the shortcuts.
    const dialog = document.getElementById("keys");
    if (dialog) prepare(dialog);
    const acts = {
      j: () => move(1),
      k: () => move(-1),
      "/": () => focusFirst("#search-box") || focusFirst("#filters select, #filters input, #searchbar"),
      L: openLanes,
      f: () => focusFirst("#filters select, #filters input, #searchbar, .kinds a:not([aria-current])"),
      "?": () => dialog?.showModal(),
    };
    document.addEventListener("keydown", (event) => {
      const modified = event.ctrlKey || event.metaKey || event.altKey;
      // Out of a field, so that keys are shortcuts again.
      if (event.key === "Escape" && on() && typing(event.target)) event.target.blur();
      if (modified || event.repeat || !listen(event)) return;
      const option = optionOf(event.key);
      if (option) {
        event.preventDefault();
        option.focus();
        option.click();
        return;
      }
      const named = [...document.querySelectorAll(`[data-shortcut="${CSS.escape(event.key)}"]`)];
      const ready = named.filter((each) => !each.disabled && each.checkVisibility() && !each.closest("[data-keyless]"));
      // A list repeats the key in its rows: that of the focused row comes first.
      const row = event.target.closest("li");
      const target = ready.find((each) => row?.contains(each)) ?? ready[0];
      if (!target && !acts[event.key]) return;
      event.preventDefault();
      // A button that needs an answer leads to its field first.
      const needed = target && document.getElementById(target.dataset.needs ?? "");
      if (!target) acts[event.key]();
      else if (needed && !needed.value) needed.focus();
      else {
        // A button that leaves the page as it is leaves the focus too.
        if (target.type !== "button") target.focus();
        target.click();
      }
    });
  });
})();
