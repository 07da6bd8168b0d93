// Asks for the page's runs to be drawn again: a moment after they have been drawn or, on a page that
// was just opened, as soon as it is painted. The server does not measure while that goes on.

const STILL_LOADING = "[data-test-script-state=running], [data-testid=stSkeleton]";
const CHART = ".js-plotly-plot .main-svg";
const IDLE_WITHIN_MS = 1_000;
const FRAME_MS = 17;

export default function ({ data, setTriggerValue }) {
  let goesOn = true;
  const beat = () => {
    if (goesOn) setTriggerValue("beat", data.number);
    goesOn = false;
  };
  const timer = setTimeout(beat, data.after_ms);
  if (data.when_painted) whenPainted(beat, () => goesOn);
  return () => {
    goesOn = false;
    clearTimeout(timer);
  };
}

// What stands on the page in one frame is painted when the next one begins.
function whenPainted(then, goesOn) {
  atNextFrame(() => {
    if (!goesOn()) return;
    if (isComplete()) {
      atNextFrame(() => whenIdle(then));
    } else {
      whenPainted(then, goesOn);
    }
  });
}

// A hidden tab has no frames.
function atNextFrame(then) {
  if (document.hidden) {
    setTimeout(then, FRAME_MS);
  } else {
    requestAnimationFrame(then);
  }
}

function isComplete() {
  return document.readyState === "complete"
    && document.fonts?.status !== "loading"
    && document.querySelector(CHART) !== null
    && document.querySelector(STILL_LOADING) === null;
}

function whenIdle(then) {
  if (window.requestIdleCallback) {
    requestIdleCallback(then, { timeout: IDLE_WITHIN_MS });
  } else {
    setTimeout(then, 0); // Safari before 18
  }
}
