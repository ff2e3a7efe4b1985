"use strict"; // No page needs this file: it leaves no way back, and copies a receipt.
const link = document.querySelector("a.leave"), presses = [];
const forget = () => [...document.forms].forEach((form) => form.reset());
const leave = (event) => {
  event.preventDefault();
  document.documentElement.hidden = true;
  forget();
  location.replace(link.href);
};
link.addEventListener("click", leave);
addEventListener("pageshow", (event) => event.persisted && forget());
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") presses.length = 0;
  else if (presses.push(event.timeStamp) > 2 && event.timeStamp - presses.shift() < 2000) leave(event);
});
for (const button of document.querySelectorAll("[data-do]")) {
  const copies = button.dataset.do === "copy";
  button.hidden = copies && !navigator.clipboard;
  button.onclick = async () => {
    if (!copies) return print();
    await navigator.clipboard.writeText(receipt.textContent);
    button.textContent = button.dataset.done;
  };
}
