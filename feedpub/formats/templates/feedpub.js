/* feedpub: copies addresses and filters the list of feeds. The pages are complete without it. */
"use strict";

for (const button of document.querySelectorAll("button[data-copy]")) {
  const said = button.firstElementChild;
  const name = said.textContent;
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      said.textContent = "Copied";
    } catch {
      said.textContent = "Not allowed";
    }
    setTimeout(() => { said.textContent = name; }, 3000);
  });
}

const filter = document.querySelector(".filter");
if (filter) {
  const input = filter.querySelector("input");
  const said = filter.querySelector("[role=status]");
  const feeds = [...document.querySelectorAll(".feeds li")];
  const text = new Map(feeds.map((feed) => [feed, feed.textContent.normalize("NFKC").toLowerCase()]));
  filter.hidden = false;
  input.addEventListener("input", () => {
    const words = input.value.normalize("NFKC").toLowerCase().split(/\s+/);
    for (const feed of feeds) {
      feed.hidden = !words.every((word) => text.get(feed).includes(word));
    }
    for (const group of document.querySelectorAll(".feeds .group")) {
      group.hidden = !group.querySelector("li:not([hidden])");
    }
    const left = feeds.filter((feed) => !feed.hidden).length;
    said.textContent = input.value.trim() ? `${left} of ${feeds.length} feeds` : "";
  });
}
