// Opens a closed fieldset when a checklist link points to it. For links to a field inside, browsers do this.
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
  // Following the same link again does not change the hash.
  const link = event.target.closest("#checklist a[href^='#']");
  if (link && link.hash === location.hash) openGroup();
});
