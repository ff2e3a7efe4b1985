// The menu closes by Escape and by a click beside it; times say what they are in UTC; a page that asks who signs in has
// the focus in its first field. All of it works without.
"use strict";

(() => {
  const closeMenu = (menu) => {
    menu.open = false;
    menu.querySelector("summary").focus();
  };

  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
    if (menu) closeMenu(menu);
  });

  document.addEventListener("click", (event) => {
    const menu = document.querySelector("details.menu[open]");
    if (menu && !menu.contains(event.target)) menu.open = false;
  });

  document.addEventListener("DOMContentLoaded", () => {
    const isSettled = document.querySelector("[autofocus]");
    if (!isSettled) document.querySelector("body.account #content form input:not([type=hidden], [hidden])")?.focus();
    const written = { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "UTC" };
    const shown = new Intl.DateTimeFormat("en-GB", written);
    for (const time of document.querySelectorAll('time[datetime*="T"]:not([title]):not([data-local-time])')) {
      const moment = new Date(time.dateTime);
      if (!Number.isNaN(moment.getTime())) time.title = `${shown.format(moment)} UTC`;
    }
  });
})();
