// Writes what Node's Date answers in time zones, for `crates/sandtide/tests/time_zones.rs`:
//
//   npm install node@24.21.0 && node_modules/.bin/node tests/intl/zones.mjs
//
// Each zone is asked in a process of its own, whose TZ it is. A line is a zone, a year, and for each day
// around the year's changes of the clock, and for one day without any, the offset in seconds at each hour
// of UTC, and the time in seconds since 1970 that each half hour of local time is.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ZONES = [
  'Africa/Abidjan', 'Africa/Cairo', 'Africa/Casablanca', 'Africa/Johannesburg', 'Africa/Lagos', 'Africa/Monrovia',
  'Africa/Nairobi', 'Africa/Tripoli', 'Africa/Windhoek', 'America/Anchorage', 'America/Argentina/Buenos_Aires',
  'America/Asuncion', 'America/Bogota', 'America/Caracas', 'America/Chicago', 'America/Denver', 'America/Godthab',
  'America/Halifax', 'America/Havana', 'America/Lima', 'America/Los_Angeles', 'America/Mexico_City', 'America/New_York',
  'America/Phoenix', 'America/Santiago', 'America/Sao_Paulo', 'America/St_Johns', 'America/Toronto', 'America/Vancouver',
  'Antarctica/Troll', 'Asia/Amman', 'Asia/Baghdad', 'Asia/Bangkok', 'Asia/Dhaka', 'Asia/Dubai', 'Asia/Gaza',
  'Asia/Jerusalem', 'Asia/Kathmandu', 'Asia/Kolkata', 'Asia/Manila', 'Asia/Pyongyang', 'Asia/Riyadh', 'Asia/Seoul',
  'Asia/Shanghai', 'Asia/Singapore', 'Asia/Tehran', 'Asia/Tokyo', 'Asia/Yangon', 'Atlantic/Azores', 'Australia/Adelaide',
  'Australia/Lord_Howe', 'Australia/Sydney', 'Europe/Berlin', 'Europe/Dublin', 'Europe/Istanbul', 'Europe/London',
  'Europe/Moscow', 'Pacific/Apia', 'Pacific/Auckland', 'Pacific/Chatham', 'Pacific/Kiritimati',
];
const YEARS = [1890, 1942, 1970, 1987, 2011, 2016, 2024, 2026, 2050];
const HOUR = 3600000;
const DAY = 24 * HOUR;

/** Runs of equal numbers as `number*count`. */
function packed(numbers) {
  const runs = [];
  for (const number of numbers) {
    const last = runs.at(-1);
    if (last && last[0] === number) last[1]++; else runs.push([number, 1]);
  }
  return runs.map(([number, count]) => (count > 1 ? `${number}*${count}` : `${number}`)).join(' ');
}

function offset(time) {
  const date = new Date(time);
  return (Date.UTC(date.getFullYear(), date.getMonth(), date.getDate(), date.getHours(), date.getMinutes(),
    date.getSeconds()) - time) / 1000;
}

function facts(zone) {
  return YEARS.map((year) => {
    const days = new Set([Date.UTC(year, 1, 10) / DAY]);
    for (let time = Date.UTC(year, 0, 1); time < Date.UTC(year + 1, 0, 1); time += HOUR) {
      if (offset(time) !== offset(time + HOUR)) [-1, 0, 1].forEach((by) => days.add(Math.floor(time / DAY) + by));
    }
    const each = [...days].sort((a, b) => a - b).map((day) => {
      const hours = Array.from({ length: 24 }, (_, hour) => offset(day * DAY + hour * HOUR));
      const shown = new Date(day * DAY);
      const halves = Array.from({ length: 48 }, (_, half) => {
        const local = new Date(shown.getUTCFullYear(), shown.getUTCMonth(), shown.getUTCDate(), 0, half * 30).getTime();
        return (day * DAY + half * HOUR / 2 - local) / 1000;
      });
      return `${day}:${packed(hours)}:${packed(halves)}`;
    });
    return [zone, year, ...each].join('\t');
  });
}

if (process.argv[2]) {
  console.log(facts(process.argv[2]).join('\n'));
} else {
  const of = (zone) => execFileSync(process.execPath, [fileURLToPath(import.meta.url), zone],
    { env: { ...process.env, TZ: zone }, encoding: 'utf8' });
  writeFileSync(new URL('../../crates/sandtide/tests/time_zones/node24.txt', import.meta.url), ZONES.map(of).join(''));
}
