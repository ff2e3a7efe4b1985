// Adds a colour picker to each colour field, and shows its contrast with white text, or with the colour of another
// field. The server validates it.
"use strict";

function luminance(colour) {
  const [red, green, blue] = [1, 3, 5].map((start) => {
    const value = parseInt(colour.slice(start, start + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrastOf(one, other) {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function enhance(field) {
  const chooser = document.createElement("input");
  chooser.type = "color";
  chooser.setAttribute("aria-label", `${field.dataset.choose}: ${field.labels[0]?.textContent ?? ""}`);
  const said = document.createElement("output");
  said.className = "contrast";
  said.htmlFor = field.id;
  field.after(chooser, said);

  const against = document.getElementById(field.dataset.against);

  function tell() {
    const [colour, other] = [field.value, against?.value ?? "#ffffff"].map((value) => value.trim().toLowerCase());
    said.textContent = "";
    if (![colour, other].every((value) => /^#[0-9a-f]{6}$/.test(value))) return;
    chooser.value = colour;
    const contrast = contrastOf(colour, other);
    const enough = contrast >= Number(field.dataset.contrast);
    // Rounded down: 4.49 is not 4.5.
    said.textContent = `${enough ? field.dataset.enough : field.dataset.tooLittle} ${(Math.floor(contrast * 10) / 10).toFixed(1)}`;
    said.classList.toggle("too-little", !enough);
  }

  field.addEventListener("input", tell);
  against?.addEventListener("input", tell);
  chooser.addEventListener("input", () => {
    field.value = chooser.value;
    tell();
  });
  tell();
}

document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-contrast]").forEach(enhance));
