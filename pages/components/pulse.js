// Asks for the page's runs to be drawn again, a moment after they have been drawn.

export default function ({ data, setTriggerValue }) {
  const timer = setTimeout(() => setTriggerValue("beat", data.number), data.after_ms);
  return () => clearTimeout(timer);
}
