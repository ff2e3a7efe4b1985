// Draws the PNG badge from the SVG one in this browser, which has fonts for every script; the server has one for English.
// Without script the link downloads the server's own PNG.
"use strict";

(() => {
  // Device pixels per CSS pixel, as on the server.
  const DENSITY = 3;

  async function draw(address) {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.naturalWidth * DENSITY;
    canvas.height = image.naturalHeight * DENSITY;
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  }

  function save(blob, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  for (const link of document.querySelectorAll("a[data-drawing]")) {
    link.addEventListener("click", async (event) => {
      event.preventDefault();
      save(await draw(link.dataset.drawing), link.download);
    });
  }
})();
