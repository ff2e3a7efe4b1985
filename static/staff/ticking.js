// Lists with a checkbox or a choice in each row: ticking all rows, and keys for the row in focus.
"use strict";

(() => {
  // A row of a notice stands for all its incidents.
  const BOX = "input[type=checkbox]:is([name=incident], [name=notice])";

  document.addEventListener("DOMContentLoaded", () => {
    const all = document.querySelector("[data-tick-all]");
    const boxes = [...document.querySelectorAll(`table ${BOX}`)];
    const update = () => {
      const ticked = boxes.filter((box) => box.checked).length;
      all.checked = ticked > 0 && ticked === boxes.length;
      all.indeterminate = ticked > 0 && ticked < boxes.length;
    };
    if (all) {
      all.addEventListener("change", () => boxes.forEach((box) => (box.checked = all.checked)));
      boxes.forEach((box) => box.addEventListener("change", update));
      update();
    }

    document.addEventListener("keydown", (event) => {
      const modified = event.ctrlKey || event.metaKey || event.altKey;
      const row = event.target.closest?.("tr, li");
      if (modified || event.repeat || !row || !window.staffKeys?.listen(event)) return;
      const target =
        event.key === "b"
          ? row.querySelector(BOX)
          : /^[1-9]$/.test(event.key) && row.querySelectorAll("input[type=radio]")[event.key - 1];
      if (!target) return;
      event.preventDefault();
      target.click();
      // A decision leads to the next row.
      if (target.type === "radio") {
        const links = [...document.querySelectorAll("[data-row]")];
        links[links.indexOf(row.querySelector("[data-row]")) + 1]?.focus();
      }
    });
  });
})();
