"use strict";
const charts = [...document.querySelectorAll(".chart")];
for (const chart of charts) {
  const { data, layout } = JSON.parse(chart.dataset.figure);
  layout.font = { family: getComputedStyle(document.body).fontFamily, size: 12 };
  Plotly.newPlot(chart, data, layout, { responsive: true, displayModeBar: false });
}
// Paper can neither be opened nor scrolled.
const PAPER_WIDTH = 640;
addEventListener("beforeprint", () => {
  document.querySelectorAll("details").forEach((part) => { part.open = true; });
  charts.forEach((chart) => Plotly.relayout(chart, { width: PAPER_WIDTH }));
});
addEventListener("afterprint", () => charts.forEach((chart) => Plotly.relayout(chart, { width: null, autosize: true })));
