// Lists with a checkbox or a choice in each row: ticking all rows, and keys for the row in focus.
"use strict";

(() => {
  document.addEventListener("DOMContentLoaded", () => {
    const all = document.querySelector("[data-tick-all]");
    const boxes = [...document.querySelectorAll("table input[type=checkbox][name=incident]")];
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
          ? row.querySelector("input[type=checkbox][name=incident]")
          : /^[1-9]$/.test(event.key) && row.querySelectorAll("input[type=radio]")[event.key - 1];
      if (!target) return;
      event.preventDefault();
      target.click();
    });
  });
})();
