// Day.js with zones, durations and languages.
'use strict';
const dayjs = require('dayjs');
for (const name of ['utc', 'timezone', 'duration', 'relativeTime', 'customParseFormat', 'localizedFormat']) {
  dayjs.extend(require(`dayjs/plugin/${name}`));
}
require('dayjs/locale/de');
const time = dayjs.tz('2026-10-25 01:30', 'Europe/Berlin');
console.log(time.toISOString(), time.add(2, 'hour').format(), time.tz('America/Los_Angeles').format('YYYY-MM-DD HH:mm z'));
for (const zone of ['Asia/Kolkata', 'Pacific/Auckland', 'America/Sao_Paulo']) {
  console.log(zone, time.tz(zone).format(), time.tz(zone).utcOffset());
}
console.log(time.locale('de').format('dddd, D. MMMM YYYY LT'), dayjs.duration(90, 'minutes').humanize());
console.log(dayjs.utc('2026-01-01').from(dayjs.utc('2026-03-05')), dayjs('31.12.2026', 'DD.MM.YYYY').format('YYYY/MM/DD'));
try {
  time.tz('Nowhere/Else');
} catch (error) {
  console.log(error.name, error.message);
}
