// A link of the checklist to a closed group of rows opens it. To a field within, browsers do that themselves.
"use strict";

function openGroup() {
  const target = document.getElementById(location.hash.slice(1));
  const group = target?.matches(".inline-group") && target.querySelector("details");
  if (!group) return;
  group.open = true;
  group.querySelector("summary").focus();
}

addEventListener("hashchange", openGroup);
addEventListener("load", openGroup);
document.addEventListener("click", (event) => {
  // The same link once more is no change of the hash.
  const link = event.target.closest("#checklist a[href^='#']");
  if (link && link.hash === location.hash) openGroup();
});
