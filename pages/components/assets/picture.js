// Saves the page's chart as a picture. Plotly keeps `toImage` to itself, but for the button in its
// mode bar: that one is pressed, with the format that is wanted.

// A picture is drawn without the page's web font, and an SVG on any machine: in a font that has the
// same widths everywhere (Arial, Helvetica, Liberation Sans, Arimo).
const FONT = "Arial, Helvetica, 'Liberation Sans', Arimo, sans-serif";
// Where none of these is installed, letters may be wider by this share (DejaVu Sans), and Plotly
// cuts off a legend at the width that it has measured.
const WIDER = 0.2;
const NO_BREAK_SPACE = "\u00a0";

export default function ({ data, parentElement }) {
  const press = (format) => {
    const chart = document.querySelector(".js-plotly-plot");
    const buttons = chart?._fullLayout?._modeBar?.buttons.flat() ?? [];
    const save = buttons.find((button) => button.name === "toImage");
    if (!save) return;
    const context = chart._context;
    const { width, height } = chart._fullLayout;
    const before = [context.toImageButtonOptions, context.setBackground];
    const ground = getComputedStyle(document.querySelector(".stApp")).backgroundColor;
    context.toImageButtonOptions = {
      format, width, height, filename: data.stem, scale: format === "png" ? data.scale : 1,
    };
    context.setBackground = (graph) => {
      graph._fullLayout._paper.style("background", ground);
    };
    // Plotly copies the figure while the button is pressed, so the page's own stays as it is.
    const font = chart.layout.font;
    const names = chart.data.map((trace) => trace.name);
    chart.layout.font = { ...font, family: FONT };
    chart.data.forEach((trace) => {
      if (trace.name) trace.name = widened(trace.name);
    });
    save.click(chart);
    [context.toImageButtonOptions, context.setBackground] = before;
    chart.layout.font = font;
    chart.data.forEach((trace, place) => (trace.name = names[place]));
  };
  parentElement.querySelector(".pictures").replaceChildren(
    ...Object.entries(data.labels).map(([format, label]) => {
      const button = document.createElement("button");
      button.textContent = label;
      button.type = "button";
      button.onclick = () => press(format);
      return button;
    }),
  );
}

// A space has about half the width of a letter.
function widened(name) {
  return name + NO_BREAK_SPACE.repeat(Math.ceil(name.length * WIDER * 2));
}
