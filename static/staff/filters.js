// The filters of a list, which are put in place of the link to them when they are opened. Without this script the link
// leads to the list with its filters.
"use strict";

(() => {
  const filling = new WeakMap();

  // The link stays if there is no answer.
  async function fill(link) {
    const url = new URL(link.href);
    url.searchParams.set("filters", "alone");
    const answer = await fetch(url).catch(() => null);
    // Redirected: to sign in again.
    if (!answer?.ok || answer.redirected) {
      filling.delete(link);
      return;
    }
    const content = new DOMParser().parseFromString(await answer.text(), "text/html");
    link.parentElement.replaceWith(...content.body.childNodes);
  }

  // Fill the fold, once.
  function load(fold) {
    const link = fold.querySelector("a[data-loads]");
    if (link && !filling.has(link)) filling.set(link, fill(link));
    return link && filling.get(link);
  }

  document.addEventListener("toggle", (event) => {
    if (event.target.matches("details.list-filters") && event.target.open) load(event.target);
  }, true);

  document.addEventListener("keydown", async (event) => {
    const fold = document.querySelector("details.list-filters");
    const modified = event.ctrlKey || event.metaKey || event.altKey;
    if (!fold || event.key !== "f" || !window.staffKeys?.listen(event) || modified || event.repeat) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    fold.open = true;
    await load(fold);
    fold.querySelector("select, input, a")?.focus();
  }, true);
})();
