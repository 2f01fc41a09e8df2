// Moments in the reader's own zone, the zone always written.

export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

const hour = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const withZone = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit", minute: "2-digit", timeZoneName: "short",
});
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const dayAndYear = new Intl.DateTimeFormat("en-GB", {
  day: "numeric", month: "short", year: "numeric",
});

function date(at) {
  return (at.getFullYear() === new Date().getFullYear() ? day : dayAndYear).format(at);
}

function isToday(at) {
  return at.toDateString() === new Date().toDateString();
}

/** A <time> with date (unless today), hour and zone; the tip has it in UTC. */
export function moment(at, tip = at.toUTCString()) {
  const element = document.createElement("time");
  element.dateTime = at.toISOString();
  element.title = tip;
  element.textContent = (isToday(at) ? "" : `${date(at)} `) + withZone.format(at);
  return element;
}

/** The hour alone, for the margin beside a message; its day stands above it. */
export function stamp(milliseconds) {
  const at = new Date(milliseconds);
  const element = document.createElement("time");
  element.dateTime = at.toISOString();
  element.title = `${date(at)} ${withZone.format(at)}`;
  element.textContent = hour.format(at);
  return element;
}

/** A name for the day of a moment, as it stands between messages. */
export function dayOf(milliseconds) {
  const at = new Date(milliseconds);
  return isToday(at) ? `Today, ${date(at)}` : date(at);
}

/** The reader's zone as it is written now (SAST, GMT+3). */
export function zoneName() {
  const parts = withZone.formatToParts(new Date());
  return parts.find((part) => part.type === "timeZoneName").value;
}
