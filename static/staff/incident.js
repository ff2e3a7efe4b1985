// The incident page: keys and links open the folded part of the page that they lead to, and the focus goes to its first
// field. A folded section without its content is filled when it is opened. After an action, the focus goes to its
// message. Without this script all of it is opened by hand, and a section is filled by the link in it.
"use strict";

(() => {
  const FIELDS = "input:not([type=hidden]), select, textarea, button";

  const filling = new Map();

  // Put the content of a section or form in place of the link to it. The link stays if there is no answer.
  async function fill(part, link) {
    const url = new URL(link.href);
    url.searchParams.set("alone", "1");
    const answer = await fetch(url).catch(() => null);
    // Redirected: to sign in again.
    if (!answer?.ok || answer.redirected) {
      filling.delete(part);
      return;
    }
    const content = new DOMParser().parseFromString(await answer.text(), "text/html");
    const body = link.closest("p").parentElement;
    const hadFocus = body.contains(document.activeElement);
    body.replaceChildren(...content.body.childNodes);
    if (hadFocus) part.querySelector("summary").focus();
  }

  // Fill the section or form of the `details`, once, if it has no content yet.
  function load(part) {
    const link = part?.querySelector(":scope > div > p > a[data-loads]");
    if (link && !filling.has(part)) filling.set(part, fill(part, link));
    return filling.get(part);
  }

  document.addEventListener("toggle", (event) => {
    if (event.target.open) load(event.target);
  }, true);

  // Open what the element is folded in, and focus its first field that can be used.
  async function open(element) {
    for (let each = element; each; each = each.parentElement) {
      if (each.localName === "details") each.open = true;
    }
    const part = element.querySelector(":scope > details.part");
    if (part) part.open = true;
    await load(part ?? element.closest("details"));
    // The link to a form has its id, until the form replaces it.
    if (!element.isConnected) element = document.getElementById(element.id) ?? element;
    const within = element.localName === "summary" ? element.parentElement : part?.querySelector(".part-body") ?? element;
    const summary = within.querySelector("summary");
    // A form that is filled in already may say where the analyst begins.
    const fields = within.querySelector("[data-begins]")?.querySelectorAll(FIELDS) ?? within.querySelectorAll(FIELDS);
    const field = [...fields].find((each) => !each.disabled && each.checkVisibility());
    const target = field ?? summary ?? within;
    if (target === within) within.tabIndex = -1;
    target.focus({ preventScroll: true });
    (target.closest("form, details") ?? target).scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("keydown", (event) => {
    const modified = event.ctrlKey || event.metaKey || event.altKey;
    if (!window.staffKeys?.listen(event) || modified || event.repeat) return;
    // On a related incident in focus, the key merges with that one.
    const merge = event.key === "M" && document.activeElement.closest(".related li")?.querySelector("button");
    if (merge) {
      event.preventDefault();
      event.stopImmediatePropagation();
      merge.click();
      return;
    }
    const opens = `[data-opens="${CSS.escape(event.key)}"]`;
    // While the incident is decided, the letters of its earlier takedown are those of the decision form.
    const find = (selector) => [...document.querySelectorAll(selector)].find((each) => !each.closest("[data-keyless]"));
    const target = find(opens);
    const body = target ? null : find(`[data-keys~="${CSS.escape(event.key)}"]:has(a[data-loads])`);
    if (!target && !body) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (target) open(target);
    else load(body.closest("details.part")).then(() => open(body.querySelector(opens) ?? body));
  }, true);

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const target = link && document.getElementById(link.hash.slice(1));
    if (!target?.closest(".incident, .strip")) return;
    event.preventDefault();
    open(target);
  });

  // List the related incidents in place of the links to the page that lists them.
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("#relations a[data-lists]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const answer = await fetch(link.href).catch(() => null);
    const content = answer?.ok && !answer.redirected && new DOMParser().parseFromString(await answer.text(), "text/html");
    const relations = content && content.querySelector("#relations");
    if (!relations) {
      location.assign(link.href);
      return;
    }
    document.querySelector("#relations").replaceWith(relations);
    relations.querySelector("details.related > summary")?.focus();
  });

  // Complete a name of which the list knows only one, marked, so that the next letter replaces it.
  document.addEventListener("input", (event) => {
    const field = event.target;
    const typed = field.value;
    if (!field.list || !typed || !event.inputType?.startsWith("insert") || field.selectionEnd !== typed.length) return;
    const matches = [...field.list.options].filter((each) => each.value.toLowerCase().startsWith(typed.toLowerCase()));
    if (matches.length !== 1) return;
    field.value = matches[0].value;
    field.setSelectionRange(typed.length, field.value.length);
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
    // The decision form has put the focus where the analyst goes on.
    if (document.querySelector("[autofocus]") || document.activeElement.closest("[data-group], .record")) return;
    if (!message) {
      const linked = document.getElementById(location.hash.slice(1));
      if (!linked?.closest(".incident, .strip")) return;
      keep(() => open(linked));
      return;
    }
    // An action led on to the next page of a list: its part has the focus, described by the message of the one before.
    const linked = document.getElementById(location.hash.slice(1));
    if (linked?.matches(".part-body")) {
      message.id ||= "messages";
      keep(() => open(linked).then(() => document.activeElement.setAttribute("aria-describedby", message.id)));
      return;
    }
    // The address may name the section that was acted in: it shows the outcome. The browser would scroll to it and focus it.
    const part = document.getElementById(location.hash.slice(1))?.querySelector(":scope > details.part");
    if (part) part.open = true;
    history.replaceState(null, "", location.pathname + location.search);
    message.tabIndex = -1;
    keep(() => message.focus());
  });
})();
