// Saves the page's chart as a picture. Plotly keeps `toImage` to itself, but for the button in its
// mode bar: that one is pressed, with the format that is wanted.
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
    save.click(chart);
    [context.toImageButtonOptions, context.setBackground] = before;
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
