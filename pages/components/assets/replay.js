// Uncovers the chart from left to right, as if its runs were under way, and announces who is home.

const CURTAIN = "loopscope-curtain";
const SO_FAR = "loopscope-so-far";
const DRAWN_WITHIN_MS = 5_000;

// The race that was last shown by itself: a page that is drawn again does not show it again.
let shown = "";

export default function ({ data, parentElement }) {
  const button = parentElement.querySelector("button");
  const clock = parentElement.querySelector("[data-clock]");
  const list = parentElement.querySelector("ol");
  button.firstElementChild.textContent = data.label;
  button.title = data.help;
  clock.textContent = "";
  list.replaceChildren();
  list.classList.toggle("unranked", !data.ranked);
  if (data.ranked) announce(Infinity);
  let frame = 0;

  function announce(untilNs) {
    const home = data.runs.filter((run) => run.wall_ns <= untilNs);
    for (const run of home.slice(list.children.length)) {
      const line = document.createElement("li");
      if (data.ranked) line.value = run.rank;
      line.textContent = run.text;
      list.append(line);
    }
  }

  function stop() {
    cancelAnimationFrame(frame);
    document.querySelectorAll(`.${CURTAIN}, .${SO_FAR}`).forEach((each) => each.remove());
    titleTexts(data.titles.length).forEach((each) => (each.style.visibility = ""));
    clock.textContent = "";
  }

  function play() {
    stop();
    list.replaceChildren();
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      announce(Infinity);
      clock.textContent = data.still;
      return;
    }
    const plots = shownPlots();
    const fromNs = Math.max(0, Math.min(...plots.map((plot) => plot.firstNs)));
    const toNs = Math.min(data.end_ns, Math.max(...plots.map((plot) => plot.lastNs)));
    let startedMs = null;
    function draw(nowMs) {
      startedMs ??= nowMs;
      const share = Math.min(1, (nowMs - startedMs) / data.lasts_ms);
      const untilNs = fromNs + share * (toNs - fromNs);
      // Looked up each time: the chart may still be redrawn for the race that is shown.
      shownPlots().forEach((plot) => cover(plot, untilNs));
      titleTexts(data.titles.length).forEach((text, place) => {
        const { before, after, wall_ns } = data.titles[place];
        const isHome = wall_ns <= untilNs;
        showSoFar(text, isHome ? null : before + timeText(untilNs, toNs) + after);
      });
      announce(untilNs);
      clock.textContent = timeText(untilNs, toNs);
      if (share < 1) {
        frame = requestAnimationFrame(draw);
      } else {
        stop();
      }
    }
    frame = requestAnimationFrame(draw);
  }

  function onKey(event) {
    const typing = event.target.closest?.("input, textarea, [contenteditable=true]");
    const alone = !event.ctrlKey && !event.metaKey && !event.altKey;
    // By its place, too: a Korean keyboard sends another letter.
    const isMine = event.key.toUpperCase() === data.key || event.code === `Key${data.key}`;
    if (alone && !typing && isMine) {
      play();
    }
  }

  // Waits until the chart shows all of the race: what has come last is drawn a moment later.
  function playOnceDrawn(untilMs) {
    const lastNs = Math.max(...shownPlots().map((plot) => plot.lastNs));
    if (lastNs >= data.end_ns) {
      play();
    } else if (performance.now() < untilMs) {
      frame = requestAnimationFrame(() => playOnceDrawn(untilMs));
    }
  }

  const race = JSON.stringify(data.runs);
  if (data.by_itself && race !== shown) {
    shown = race;
    playOnceDrawn(performance.now() + DRAWN_WITHIN_MS);
  }
  button.onclick = play;
  document.addEventListener("keydown", onKey);
  return () => {
    document.removeEventListener("keydown", onKey);
    stop();
  };
}

function timeText(ns, longestNs) {
  const [unitNs, unit, digits] = longestNs < 2e9 ? [1e6, "ms", 0] : [1e9, "s", 2];
  const form = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return `${(ns / unitNs).toLocaleString(document.documentElement.lang, form)} ${unit}`;
}

// The chart notes the unit of each plot's axis; a strip has that of the plot above it.
function shownPlots() {
  const found = [];
  document.querySelectorAll(".js-plotly-plot").forEach((chart) => {
    const places = chart._fullLayout?.meta?.places ?? {};
    const units = Object.values(places).map((place) => place.unit_ns);
    for (const { xaxis, yaxis } of Object.values(chart._fullLayout?._plots ?? {})) {
      const unitNs = places[`${xaxis._id} ${yaxis._id}`]?.unit_ns ?? units[0];
      if (unitNs) {
        const [firstNs, lastNs] = xaxis.range.map((edge) => edge * unitNs);
        found.push({ chart, xaxis, yaxis, unitNs, firstNs, lastNs });
      }
    }
  });
  return found;
}

function cover({ chart, xaxis, yaxis, unitNs }, untilNs) {
  const curtain = curtainOf(chart, xaxis._id + yaxis._id);
  const left = Math.min(xaxis._length, Math.max(0, xaxis.l2p(untilNs / unitNs)));
  Object.assign(curtain.style, {
    left: `${xaxis._offset + left}px`,
    width: `${xaxis._length - left}px`,
    top: `${yaxis._offset}px`,
    height: `${yaxis._length}px`,
    borderLeft: left < xaxis._length ? "2px solid currentColor" : "none",
  });
}

// The titles of the runs are the last texts above plots; in a large chart that of the wall times
// is before them. Plotly numbers what it draws as the layout does.
function titleTexts(count) {
  const chart = document.querySelector(".js-plotly-plot");
  const notes = chart?._fullLayout?.annotations ?? [];
  return notes
    .map((note, place) => [note, place])
    .filter(([note]) => note.yref === "paper")
    .slice(-count)
    .map(([, place]) => chart.querySelector(`.annotation[data-index="${place}"] text`))
    .filter((text) => text);
}

// Shows another text in place of a title, in its first line; null shows the title itself. The title
// stays where it is, unseen: Plotly may draw it anew at any moment.
function showSoFar(text, shown) {
  let other = text.parentNode.querySelector(`.${SO_FAR}`);
  text.style.visibility = shown === null ? "" : "hidden";
  if (shown === null) {
    other?.remove();
    return;
  }
  if (!other) {
    other = text.cloneNode(false);
    other.classList.add(SO_FAR);
    text.after(other);
  }
  other.style.visibility = "visible";
  other.textContent = shown;
}

function curtainOf(chart, name) {
  let curtain = chart.querySelector(`.${CURTAIN}[data-plot="${name}"]`);
  if (!curtain) {
    curtain = document.createElement("div");
    curtain.className = CURTAIN;
    curtain.dataset.plot = name;
    curtain.style.cssText = "position:absolute;pointer-events:none;z-index:3;padding-left:8px;overflow:hidden;white-space:nowrap";
    curtain.style.background = getComputedStyle(document.querySelector(".stApp")).backgroundColor;
    chart.style.position = "relative";
    chart.append(curtain);
  }
  return curtain;
}
