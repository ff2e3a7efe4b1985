// The incident page: keys and links open the folded part of the page that they lead to, and the focus goes to its first
// field. After an action, the focus goes to its message. Without this script all of it is opened by hand.
"use strict";

(() => {
  const FIELDS = "input:not([type=hidden]), select, textarea, button";

  // Open what the element is folded in, and focus its first field that can be used.
  function open(element) {
    for (let each = element; each; each = each.parentElement) {
      if (each.localName === "details") each.open = true;
    }
    const part = element.querySelector(":scope > details.part");
    if (part) part.open = true;
    const within = element.localName === "summary" ? element.parentElement : part?.querySelector(".part-body") ?? element;
    const summary = within.querySelector("summary");
    const field = [...within.querySelectorAll(FIELDS)].find((each) => !each.disabled && each.checkVisibility());
    const target = field ?? summary ?? within;
    if (target === within) within.tabIndex = -1;
    target.focus({ preventScroll: true });
    (target.closest("form, details") ?? target).scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("keydown", (event) => {
    const modified = event.ctrlKey || event.metaKey || event.altKey;
    if (!window.staffKeys?.listen(event) || modified || event.repeat) return;
    const target = document.querySelector(`[data-opens="${CSS.escape(event.key)}"]`);
    if (!target) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    open(target);
  }, true);

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const target = link && document.getElementById(link.hash.slice(1));
    if (!target?.closest(".incident, .strip")) return;
    event.preventDefault();
    open(target);
  });

  // Digits choose an option in the group of the focused radio button or method, as in the decision form.
  document.addEventListener("keydown", (event) => {
    const focused = document.activeElement;
    if (!window.staffKeys?.listen(event) || !focused?.matches("[type=radio], [name=methods]") || focused.closest("[data-group]")) return;
    const options = [...focused.form.elements[focused.name]].filter((each) => !each.disabled);
    const option = /^[1-9]$/.test(event.key) && options[Number(event.key) - 1];
    if (!option) return;
    event.preventDefault();
    option.focus();
    option.click();
  });

  // The method "other" has to be named in the note.
  document.addEventListener("change", (event) => {
    const more = event.target.matches("#trace [name=methods][value=other]") && document.querySelector("[data-trace-more]");
    if (more && event.target.checked) more.open = true;
  });

  // Move the focus, and again once all is loaded: the browser scrolls to a linked part only then, and takes the focus from
  // what is in it. A field that the analyst has begun to fill in meanwhile keeps it.
  function keep(focus) {
    focus();
    window.addEventListener("load", () => requestAnimationFrame(() => {
      if (document.activeElement === document.body) focus();
    }));
  }

  document.addEventListener("DOMContentLoaded", () => {
    const message = document.querySelector(".messagelist");
    if (document.querySelector("[autofocus]")) return;
    if (!message) {
      const linked = document.getElementById(location.hash.slice(1));
      if (!linked?.closest(".incident, .strip")) return;
      keep(() => open(linked));
      return;
    }
    // The address may name the part that was acted in, which the browser would scroll to and focus.
    history.replaceState(null, "", location.pathname + location.search);
    message.tabIndex = -1;
    keep(() => message.focus());
  });
})();
