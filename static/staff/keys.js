/* Keys for the queue and the incident page. Everything they do, a button or a link does too. */
(function () {
  "use strict";

  var STORED = "staff.keys";

  function on() {
    return window.localStorage.getItem(STORED) !== "off";
  }

  function typing(target) {
    return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
  }

  function submit(id) {
    var form = document.getElementById(id);
    if (form) {
      form.requestSubmit();
    }
  }

  function move(step) {
    var rows = Array.prototype.slice.call(document.querySelectorAll("[data-row]"));
    var at = rows.indexOf(document.activeElement);
    var next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step;
    if (rows[next]) {
      rows[next].focus();
    }
  }

  function toFilters() {
    var field = document.querySelector("#filters select, #filters input, #searchbar");
    if (field) {
      field.focus();
    }
  }

  document.addEventListener("DOMContentLoaded", function () {
    var dialog = document.getElementById("keys");
    if (!dialog) {
      return;
    }
    var box = dialog.querySelector("[data-keys-on]");
    box.checked = on();
    box.addEventListener("change", function () {
      window.localStorage.setItem(STORED, box.checked ? "on" : "off");
    });
    document.querySelectorAll("[data-open-keys]").forEach(function (button) {
      button.hidden = false;
      button.addEventListener("click", function () {
        dialog.showModal();
      });
    });

    var acts = {
      n: function () { submit("next"); },
      j: function () { move(1); },
      k: function () { move(-1); },
      r: function () { submit("reveal"); },
      "/": toFilters,
      "?": function () { dialog.showModal(); }
    };
    document.addEventListener("keydown", function (event) {
      var modified = event.ctrlKey || event.metaKey || event.altKey;
      if (!on() || modified || event.repeat || dialog.open || typing(event.target) || !acts[event.key]) {
        return;
      }
      event.preventDefault();
      acts[event.key]();
    });
  });
})();
