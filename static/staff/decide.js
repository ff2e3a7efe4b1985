// The keys of the decision form, on the staff site and on the isolated workstation: digits choose an option in the
// active group; the next open group then becomes active. Without this script all options are shown, and the server
// reports invalid combinations.
"use strict";

(() => {
  const groups = [...document.querySelectorAll("fieldset[data-group]")];
  const form = groups[0]?.closest("form");
  if (!form) return;

  const KEYS = "123456789abcdefgh";
  const chosen = (name) => form.querySelector(`[name="${name}"]:checked:enabled`)?.value ?? "";
  const isAnswered = (group) => group.querySelector(":checked:enabled:not([value=''])") !== null;
  const isOpen = (group) => !group.disabled && "needed" in group.dataset && !isAnswered(group);
  // What the group alone is folded in; the form itself may be, too.
  const foldOf = (group) => [group.closest("details")].find((fold) => form.contains(fold)) ?? null;
  const labelOf = (group) => group.querySelector("legend").firstChild.textContent.trim();

  function labelsOf(group, isUsual = () => false) {
    const inputs = [...group.querySelectorAll(".choice:not(.none) input:checked:enabled")];
    return inputs.filter((input) => !isUsual(input)).map((input) => input.closest("label").lastElementChild.textContent.trim());
  }

  // Fields that do not apply are hidden and disabled, and so are those that depend on them, which come later. Their values are kept in case they apply again.
  function arrange() {
    for (const group of groups) {
      const [name, values] = (group.dataset.if ?? "").split("=");
      const applies = !name || values.split(" ").includes(chosen(name));
      group.disabled = !applies;
      (foldOf(group) ?? group).hidden = !applies;
    }
    for (const option of form.querySelectorAll("[data-of]")) {
      const applies = option.dataset.of.split(" ").includes(chosen("verdict"));
      option.hidden = !applies;
      option.querySelector("input").disabled = !applies;
    }
    for (const group of groups) {
      const place = foldOf(group)?.querySelector("[data-chosen]");
      if (place) place.textContent = labelsOf(group).join(", ");
      number(group);
    }
    announce();
  }

  // Number the options of a group; of reasons, only those that apply to the verdict. Verdicts have the same digit in
  // each form.
  function number(group) {
    [...group.querySelectorAll(".choice:not([hidden]):not(.none)")].forEach((option, at) => {
      const key = option.dataset.key ?? KEYS[at] ?? "";
      option.querySelector("input").dataset.digit = key;
      option.querySelector("kbd").textContent = key;
    });
  }

  // Say beside the button what it will record, and what is still to choose.
  function announce() {
    const sentence = form.querySelector("[data-to-record]");
    if (!sentence) return;
    const isFolded = (group) => foldOf(group) !== null;
    const answers = groups.filter((group) => !isFolded(group)).flatMap((group) => labelsOf(group));
    const details = groups.filter(isFolded).map((group) => [labelOf(group), labelsOf(group, (input) => input.value === "not_determined")]);
    const parts = details.filter(([, labels]) => labels.length).map(([label, labels]) => `${label}: ${labels.join(", ")}`);
    const open = groups.filter(isOpen).map(labelOf);
    const { whole, part, lacks } = sentence.dataset;
    const sentences = [];
    if (answers.length) sentences.push(`${open.length ? part : whole} ${[answers.join(", "), ...parts].join("; ")}.`);
    if (open.length) sentences.push(`${lacks} ${open.join(", ")}.`);
    sentence.textContent = sentences.join(" ");
  }

  // The group of the last answer, until the focus leaves it or its key is pressed. It takes no further digit: that is
  // meant for the next group, even where the focus could not move there.
  let lastGroup = null;

  function activeGroup() {
    const focused = document.activeElement?.closest("fieldset[data-group]");
    return focused && focused !== lastGroup && form.contains(focused) ? focused : groups.find(isOpen);
  }

  function toGroup(group) {
    const more = foldOf(group);
    if (more) more.open = true;
    const inputs = [...group.querySelectorAll("input, select")].filter((input) => input.matches(":enabled") && !input.closest(".none"));
    (inputs.find((input) => input.checked) ?? inputs[0])?.focus();
    group.scrollIntoView({ block: "nearest" });
  }

  function moveOn() {
    const next = groups.find(isOpen);
    if (next) toGroup(next);
    else form.querySelector("[data-record]")?.focus();
  }

  // Capture phase, before the page's shortcuts: within a group, its own letters take precedence.
  document.addEventListener("keydown", (event) => {
    const modified = event.ctrlKey || event.metaKey || event.altKey;
    if (!window.staffKeys?.listen(event) || modified || event.repeat || !form.checkVisibility()) return;
    const key = CSS.escape(event.key);
    const input = activeGroup()?.querySelector(`.choice:not([hidden]) input[data-digit="${key}"]:enabled`);
    const group = form.querySelector(`[data-group-key="${key}"]:not(:disabled)`);
    if (!input && !group) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!input) {
      lastGroup = null;
      toGroup(group);
    } else {
      input.focus();
      input.click();
      if (input.type === "radio") moveOn();
    }
  }, true);

  form.addEventListener("click", (event) => {
    if (event.target.matches("[type=radio]")) lastGroup = event.target.closest("fieldset[data-group]");
  });
  form.addEventListener("focusout", (event) => {
    if (!lastGroup?.contains(event.relatedTarget)) lastGroup = null;
  });
  form.addEventListener("change", arrange);
  // A page opened by Enter must not record while the key is still down.
  form.querySelector("[data-record]")?.addEventListener("keydown", (event) => {
    if (event.repeat) event.preventDefault();
  });
  arrange();
  // A draft that answers all that is needed: Enter records what the sentence beside the button says.
  const isComplete = groups.some(isAnswered) && !groups.some(isOpen) && !form.querySelector(".error");
  if ("begins" in form.dataset || isComplete) moveOn();
})();
