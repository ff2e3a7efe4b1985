"use strict"; // No page needs this file: it leaves no way back to what was left, and copies a receipt.
const link = document.querySelector("a.leave"), presses = [];
const leave = (event) => {
  event.preventDefault();
  document.documentElement.hidden = true;
  for (const form of document.forms) form.reset();
  document.title = "…";
  location.replace(link.href);
};
link.addEventListener("click", leave);
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") presses.length = 0;
  else if (presses.push(event.timeStamp) > 2 && event.timeStamp - presses.shift() < 2000) leave(event);
});
for (const button of document.querySelectorAll("[data-do]")) {
  const copies = button.dataset.do === "copy";
  button.hidden = copies && !navigator.clipboard;
  button.onclick = async () => {
    if (!copies) return print();
    await navigator.clipboard.writeText(document.getElementById("receipt").textContent);
    button.textContent = button.dataset.done;
  };
}
