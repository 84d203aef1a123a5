/**
 * Whether this Node.js knows the local time of today. In plain JavaScript that any Node.js from version 18 on runs:
 * `tools/run` asks before it decides with which Node.js to go on, the application when it starts.
 */

const HOUR = 3_600_000;

/**
 * Morocco left UTC+1 for good on 2026-09-20: the default country of Régie, and a change that older data does not have.
 * Asked by what it does and not by its version, since the data can be replaced (`NODE_ICU_DATA`, a Node.js built with
 * the system's). Before that change the winter was at UTC+1, and the month of Ramadan (2027: from 8 February) at UTC+0.
 */
const UTC_IN_CASABLANCA = [
  '2026-10-01T12:00:00Z',
  '2027-01-15T12:00:00Z',
  '2027-02-20T12:00:00Z',
  '2027-07-01T12:00:00Z',
];

/** How far the clocks of a zone are from UTC at an instant, in milliseconds. */
function offsetAt(zone, instant) {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  }).formatToParts(instant);
  const part = (type) => Number(parts.find((one) => one.type === type).value);
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute')) - instant;
}

/** What there is against the zone data in use, with what to do about it; null when it is recent enough. */
function zoneDataFault(offset = offsetAt) {
  const wrong = UTC_IN_CASABLANCA.find((instant) => offset('Africa/Casablanca', Date.parse(instant)) !== 0);
  if (wrong === undefined) return null;
  const hours = offset('Africa/Casablanca', Date.parse(wrong)) / HOUR;
  const { version, source } = zoneData();
  return (
    `The time zone data of this Node.js is too old (${version}, ${source}): it has Africa/Casablanca at UTC+${hours} on ` +
    `${wrong.slice(0, 10)}, where it is UTC+0 since 2026-09-20, so every local time and deadline would be wrong.\n` +
    'It takes version 2026c or later: use a newer Node.js 24' +
    (process.env.NODE_ICU_DATA ? ', and unset NODE_ICU_DATA or put newer data there.' : '.')
  );
}

/** Which zone data is in use and where it comes from (contract-planification §1). */
function zoneData() {
  const { tz, icu, node } = process.versions;
  const from = process.env.NODE_ICU_DATA ? ', NODE_ICU_DATA' : '';
  return { version: tz || 'unknown', source: `Node.js ${node} (ICU ${icu || 'none'}${from})` };
}

module.exports = { zoneData, zoneDataFault };
