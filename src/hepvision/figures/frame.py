"""The frame of every page: its style, plotly once, and what draws the plots."""

from __future__ import annotations

import json
from html import escape
from typing import Any

__all__ = ["CSS", "page", "plotly_script", "script"]

CSS = """
:root { color-scheme: light; --ink: #1d2430; --faint: #5d6675; --line: #d8dce3; --blue: #1750c8; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 76rem; color: var(--ink); background: #fff;
  font: 16px/1.5 "Helvetica Neue", Helvetica, Arial, sans-serif; overflow-wrap: break-word; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: .3rem 0; }
h2 { font-size: 1.25rem; margin: 1.8rem 0 .4rem; border-top: 2px solid var(--ink);
  padding-top: .5rem; }
h3 { font-size: 1rem; margin: .6rem 0 .2rem; }
p { margin: .35rem 0; max-width: 60rem; }
a { color: var(--blue); }
figure { margin: 0; break-inside: avoid; }
figcaption, .note { font-size: .85rem; color: var(--faint); max-width: 60rem; }
img { max-width: 100%; height: auto; display: block; }
/* a shadow at the side where there is more to scroll to */
.scroll { overflow-x: auto; margin: .5rem 0; background:
  linear-gradient(to right, #fff 40%, #fff0) 0 0 / 2.4rem 100% no-repeat local,
  linear-gradient(to left, #fff 40%, #fff0) 100% 0 / 2.4rem 100% no-repeat local,
  linear-gradient(to right, #1d243040, #fff0) 0 0 / .8rem 100% no-repeat scroll,
  linear-gradient(to left, #1d243040, #fff0) 100% 0 / .8rem 100% no-repeat scroll; }
.scroll img { mix-blend-mode: multiply; }
table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding: .3rem 0; }
th, td { padding: .25rem .7rem .25rem 0; border-bottom: 1px solid var(--line); text-align: left;
  vertical-align: top; }
thead th { border-bottom: 1.5px solid var(--ink); }
tbody th { font-weight: 500; }
table.numeric th:not(:first-child), table.numeric td { text-align: right; white-space: nowrap;
  padding: .25rem 0 .25rem 1rem; }
table.numeric thead th:not(:first-child) { white-space: normal; vertical-align: bottom; }
.panels { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1rem; }
.panel { min-width: 0; }
.display h2 { border: 0; padding: 0; margin-top: .3rem; }
.display + .display { border-top: 2px solid var(--ink); margin-top: 2rem; padding-top: .6rem; }
body:has(> .display) { max-width: 100rem; }
.beside { display: grid; grid-template-columns: minmax(0, 19rem) minmax(0, 1fr); gap: 1.2rem; }
.facts { font-size: .875rem; }
.panel table { font-size: .8rem; }
.panel table.numeric th:not(:first-child), .panel table.numeric td { padding-left: .7rem; }
.facts dl { margin: 0 0 .6rem; }
.facts dt { color: var(--faint); font-size: .8rem; }
.facts dd { margin: 0 0 .35rem; overflow-wrap: anywhere; }
.facts table { width: 100%; font-size: .8rem; }
.facts table.numeric th:not(:first-child), .facts table.numeric td { padding-left: .5rem; }
.panel.wide { grid-column: 1 / -1; }
.panels:has(> .panel:only-of-type) .panel { grid-column: 1 / -1; max-width: 44rem; }
.plot { width: 100%; }
.printed { display: none; }
pre { overflow-x: auto; background: #f5f6f8; padding: .7rem; font-size: .8rem; }
@media (max-width: 62rem) {
  .beside { grid-template-columns: minmax(0, 1fr); gap: .4rem; }
}
@media (max-width: 46rem) {
  body { padding: .7rem; font-size: 15px; }
  .panels { grid-template-columns: minmax(0, 1fr); }
  .panel table.numeric th:not(:first-child), .panel table.numeric td { padding-left: .4rem; }
  .panel table th, .panel table td { padding-right: .2rem; }
}
@media print {
  @page { margin: 12mm; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  .panels, .beside { grid-template-columns: minmax(0, 1fr); }
  .facts { columns: 2; }
  .facts .scroll, .panel table { font-size: .8rem; }
.panel table.numeric th:not(:first-child), .panel table.numeric td { padding-left: .7rem; }
.facts dl { break-inside: avoid; }
  .plot.pictured { display: none; }
  .printed { display: block; max-width: 15cm; }
  .scroll { overflow: visible; background: none; }
  pre { white-space: pre-wrap; }
  table { font-size: 7.5pt; break-inside: avoid; }
  table.numeric th:not(:first-child), table.numeric td { padding-left: .6em;
    white-space: normal; }
  p, tr, tbody { break-inside: avoid; }
  h2, h3, caption, p:has(+ .gallery) { break-after: avoid; }
  .modebar-container { display: none; }
}
"""

# Touching a plot on a telephone must scroll the page, not zoom the plot. A plot in closed
# details has no width yet, so it is drawn when they open. Paper is narrower than the window.
_DRAW = """
(function () {
  var coarse = window.matchMedia && window.matchMedia("(pointer: coarse)").matches;
  function draw(node) {
    if (node.dataset.drawn || node.closest("details:not([open])")) { return; }
    var data = document.getElementById(node.id + "_data");
    if (!data) { return; }
    node.dataset.drawn = "1";
    var figure = JSON.parse(data.textContent);
    figure.data.forEach(spread);
    node.aspect = figure.aspect;
    node.equal = figure.equal;
    node.narrow = figure.narrow;
    node.names = figure.data.filter(function (trace) {
      return trace.showlegend !== false && (trace.x || trace.x0 !== undefined);
    }).map(function (trace) { return trace.name.replace(/<[^>]*>/g, "").length; });
    if (coarse) {
      figure.layout.dragmode = false;
      if (figure.space) { figure.layout.scene.dragmode = false; }
    }
    if (node.clientWidth < 420) { figure.data.forEach(shrink); }
    Object.assign(figure.layout, shape(node, figure.layout, node.clientWidth));
    var made = Plotly.newPlot(node, figure.data, figure.layout,
      { responsive: true, displaylogo: false, modeBarButtonsToRemove: ["select2d", "lasso2d"] });
    if (figure.space) { made.then(picture); }
  }
  // Lit pixels become a picture; colours are logarithmic, linear below the floor.
  function spread(trace) {
    var lit = trace.sparse;
    if (!lit) { return; }
    var at = numbers(lit.index, Uint32Array), value = numbers(lit.value, Float32Array);
    var width = lit.shape[1];
    trace.z = blank(lit.shape);
    trace.customdata = blank(lit.shape);
    at.forEach(function (index, k) {
      var row = Math.floor(index / width), column = index % width, size = Math.abs(value[k]);
      trace.customdata[row][column] = value[k];
      trace.z[row][column] = Math.sign(value[k]) * Math.log10(1 + size / lit.floor);
    });
    delete trace.sparse;
  }
  function blank(shape) {
    return Array.from({ length: shape[0] }, function () {
      return new Array(shape[1]).fill(null);
    });
  }
  function numbers(text, Kind) {
    var bytes = Uint8Array.from(atob(text), function (one) { return one.charCodeAt(0); });
    return new Kind(bytes.buffer);
  }
  // What WebGL draws is blank on paper: a picture of it stands in, and follows when it is turned.
  function picture(node) {
    var image = document.createElement("img"), waiting = 0;
    image.className = "printed";
    image.alt = node.getAttribute("aria-label");
    function take() {
      Plotly.toImage(node, { format: "png", width: 640, height: 520, scale: 2 }).then(
        function (source) {
          image.src = source;
          node.after(image);
          node.classList.add("pictured");
        },
        function () { image.remove(); });
    }
    node.on("plotly_relayout", function () {
      clearTimeout(waiting);
      waiting = setTimeout(take, 400);
    });
    take();
  }
  function shrink(trace) {
    var size = trace.marker && trace.marker.size;
    if (Array.isArray(size)) { trace.marker.size = size.map(function (s) { return 0.6 * s; }); }
    else if (size) { trace.marker.size = 0.6 * size; }
  }
  function shape(node, layout, width) {
    var m = Object.assign({}, layout.margin), across = width - m.l - m.r;
    // one row for the buttons, then the legend, as many names a row as fit
    var rows = node.names.length ? 1 : 0, used = 0;
    node.names.forEach(function (letters) {
      var one = 46 + 6 * letters;
      if (used && used + one > across) { rows += 1; used = 0; }
      used += one;
    });
    m.t = 32 + 23 * rows;
    var least = node.narrow || (node.equal ? 0 : 0.75);
    var aspect = across < 450 ? Math.max(node.aspect, least) : node.aspect;
    return { margin: m, height: Math.round(across * aspect + m.t + m.b) };
  }
  function drawn(act) { document.querySelectorAll(".plot[data-drawn]").forEach(act); }
  function all() { document.querySelectorAll(".plot").forEach(draw); }
  document.querySelectorAll("details").forEach(function (node) {
    node.addEventListener("toggle", all);
  });
  window.addEventListener("beforeprint", function () {
    drawn(function (node) {
      var wide = node.parentNode.classList.contains("wide"), width = wide ? 680 : 420;
      var change = shape(node, node.layout, width);
      Plotly.relayout(node, Object.assign(change, { autosize: false, width: width }));
    });
  });
  function fit() {
    drawn(function (node) {
      var change = Object.assign(shape(node, node.layout, node.clientWidth), { autosize: true });
      if (node.layout.width) { change.width = null; }
      Plotly.relayout(node, change);
    });
  }
  window.addEventListener("afterprint", fit);
  window.addEventListener("resize", fit);
  all();
})();
"""


def plotly_script() -> str:
    """plotly.js in a script element, so that a page needs no network.

    Returns
    -------
    str
        HTML, about 5 MB.

    Examples
    --------
    >>> plotly_script().startswith("<script>")
    True
    """
    from plotly.offline import get_plotlyjs

    return f"<script>{get_plotlyjs()}</script>"


def script(place: str, figure: dict[str, Any]) -> str:
    """Data of a plot, to be drawn into an element of the page.

    Parameters
    ----------
    place : str
        Id of the element, which has the class ``plot``.
    figure : dict
        ``data`` and ``layout`` of plotly; ``aspect``, height over width of the axes, and
        ``equal``, whether it must stay so; ``narrow``, the least of it on a telephone. Finite
        numbers, text and None.

    Returns
    -------
    str
        HTML; no text in the data can end the element.

    Examples
    --------
    >>> script("a", {"data": [], "layout": {"title": "</script>"}}).count("</script>")
    1
    """
    text = json.dumps(figure, separators=(",", ":"), allow_nan=False, ensure_ascii=False)
    # no text in the data may open or end an element
    text = text.replace("<", "\\u003c")
    return f'<script type="application/json" id="{place}_data">{text}</script>'


def page(title: str, body: str, plots: bool = False) -> str:
    """A whole page around a body.

    Parameters
    ----------
    title : str
        Of the page.
    body : str
        HTML.
    plots : bool
        Whether it has elements of the class ``plot``, which need plotly.

    Returns
    -------
    str
        HTML that asks nothing of any network.

    Examples
    --------
    >>> "<title>a &amp; b</title>" in page("a & b", "<p>text</p>")
    True
    """
    library = plotly_script() if plots else ""
    draw = f"<script>{_DRAW}</script>" if plots else ""
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        # an empty icon, or the browser asks for one
        '<link rel="icon" href="data:,">'
        f"<title>{escape(title)}</title><style>{CSS}</style>{library}</head>"
        f"<body>{body}{draw}</body></html>\n"
    )
