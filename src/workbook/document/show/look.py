"""What a page needs once: the style sheet, and two small scripts that work without a network."""

from __future__ import annotations

from workbook import _files


def style() -> str:
    """The CSS of every block and of the report page, to be put into one `<style>` element."""
    return _files.path("assets/styles/report.css").read_text(encoding="utf-8")


PLOT_SCRIPT = """\
(function () {
  function draw() {
    document.querySelectorAll(".wb-plot").forEach(function (place) {
      var source = place.nextElementSibling;
      if (place.dataset.drawn || !window.Plotly || !source || !source.classList.contains("wb-figure")) return;
      place.dataset.drawn = "yes";
      var figure = JSON.parse(source.textContent);
      var ink = getComputedStyle(place).color;
      figure.layout.font = Object.assign({}, figure.layout.font, { color: ink });
      window.Plotly.newPlot(place, figure.data, figure.layout, { responsive: true, displaylogo: false });
    });
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", draw);
  else draw();
})();
"""
"""Draws every `.wb-plot` from the JSON behind it. Needs `window.Plotly` on the page; run it once, after plotly.js."""

COPY_SCRIPT = """\
(function () {
  document.documentElement.classList.add("wb-can-copy");
  function byHand(text) {
    var area = document.createElement("textarea");
    area.value = text;
    area.style.position = "fixed";
    area.style.opacity = "0";
    document.body.appendChild(area);
    area.select();
    var done = document.execCommand("copy");
    area.remove();
    return done ? Promise.resolve() : Promise.reject();
  }
  document.addEventListener("click", function (event) {
    var button = event.target.closest ? event.target.closest(".wb-copy") : null;
    if (!button) return;
    var text = button.closest(".wb-file").querySelector("code").textContent;
    var copied = navigator.clipboard && window.isSecureContext
      ? navigator.clipboard.writeText(text).catch(function () { return byHand(text); })
      : byHand(text);
    copied.then(function () { button.textContent = "Copied"; }, function () { button.textContent = "Press Ctrl+C"; });
    setTimeout(function () { button.textContent = "Copy"; }, 1600);
  });
})();
"""
"""Makes the copy buttons work; without it they stay hidden."""
