// Keyboard input for the decision form: digits choose an option in the active group; the next open group then becomes
// active. Without this script all options are shown, and the server reports invalid combinations.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("assess");
  const groups = form ? [...form.querySelectorAll("[data-group]")] : [];
  if (!groups.length) return;

  const chosen = (name) => form.querySelector(`[name="${name}"]:checked:enabled`)?.value ?? "";
  const isAnswered = (group) => group.querySelector(":checked:not([value=''])") !== null;
  const isOpen = (group) => !group.disabled && "needed" in group.dataset && !isAnswered(group);

  // Fields that do not apply are hidden and disabled, and so are those that depend on them, which come later. Their values are kept in case they apply again.
  function arrange() {
    for (const group of groups) {
      const [name, values] = (group.dataset.if ?? "").split("=");
      const applies = !name || values.split(" ").includes(chosen(name));
      group.disabled = !applies;
      (group.closest("details") ?? group).hidden = !applies;
    }
    for (const option of form.querySelectorAll("[data-of]")) {
      const applies = option.dataset.of.split(" ").includes(chosen("verdict"));
      option.hidden = !applies;
      const input = option.querySelector("input");
      input.disabled = !applies;
    }
    number();
    tell();
  }

  // Show the selected options beside the name of each closed group.
  function tell() {
    for (const group of groups) {
      const place = group.closest("details")?.querySelector("[data-chosen]");
      if (!place) continue;
      const labels = [...group.querySelectorAll(".choice:not(.none) input:checked ~ span")];
      place.textContent = labels.map((label) => label.textContent).join(", ");
    }
  }

  // Number the options of each group; for reasons, only those that apply to the verdict.
  function number() {
    const keys = "123456789abcdefgh";
    for (const group of groups) {
      const shown = [...group.querySelectorAll(".choice:not([hidden]):not(.none)")];
      shown.forEach((option, at) => {
        option.querySelector("input").dataset.key = keys[at] ?? "";
        option.querySelector("kbd").textContent = keys[at] ?? "";
      });
    }
  }

  function atHand() {
    const focused = document.activeElement?.closest("[data-group]");
    return focused && form.contains(focused) ? focused : groups.find(isOpen);
  }

  function toGroup(group) {
    const more = group.closest("details");
    if (more) more.open = true;
    const input = group.querySelector(".choice:not(.none) input:checked:not(:disabled)")
      ?? group.querySelector(".choice:not([hidden]):not(.none) input");
    input?.focus();
    group.scrollIntoView({ block: "nearest" });
  }

  function moveOn() {
    const next = groups.find(isOpen);
    if (next) toGroup(next);
    else form.querySelector("button[name=then]")?.focus();
  }

  // Capture phase, before the page's shortcuts: within a group, its own letters take precedence.
  document.addEventListener("keydown", (event) => {
    const modified = event.ctrlKey || event.metaKey || event.altKey;
    if (!window.staffKeys?.listen(event) || modified || event.repeat) return;
    const group = atHand();
    const input = group?.querySelector(`.choice:not([hidden]) input[data-key="${CSS.escape(event.key)}"]`);
    if (input && !input.disabled) {
      event.preventDefault();
      event.stopImmediatePropagation();
      input.click();
      input.focus();
      if (input.type === "radio") moveOn();
      return;
    }
    const named = groups.find((each) => each.dataset.groupKey === event.key && !each.disabled);
    if (named) {
      event.preventDefault();
      event.stopImmediatePropagation();
      toGroup(named);
    }
  }, true);
  form.addEventListener("change", arrange);
  arrange();
});
