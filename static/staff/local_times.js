// Shows times in the reader's own time zone. Without it they are in UTC.
"use strict";

addEventListener("DOMContentLoaded", () => {
  // English dates begin with the day, as on all pages.
  const language = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang || undefined;
  const shown = new Intl.DateTimeFormat(language, {
    day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short",
  });
  for (const time of document.querySelectorAll("time[data-local-time]")) {
    time.title = time.textContent;
    time.textContent = shown.format(new Date(time.dateTime));
  }
});
