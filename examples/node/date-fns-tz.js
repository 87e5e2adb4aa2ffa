// date-fns-tz: wall clocks of zones, by Intl.
'use strict';
const { formatInTimeZone, fromZonedTime, toZonedTime, getTimezoneOffset } = require('date-fns-tz');
const { format, formatDistance } = require('date-fns');
const { de } = require('date-fns/locale/de');

const time = new Date(Date.UTC(2026, 2, 29, 0, 59, 59));
for (const zone of ['Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Pacific/Apia']) {
  for (const later of [0, 1000]) {
    const at = new Date(time.getTime() + later);
    console.log(zone, formatInTimeZone(at, zone, "yyyy-MM-dd HH:mm:ssXXX 'is' zzz"), getTimezoneOffset(zone, at));
  }
  console.log(fromZonedTime('2026-10-25 02:30:00', zone).toISOString());
}
console.log(formatInTimeZone(time, 'Europe/Berlin', 'EEEE, d. MMMM yyyy', { locale: de }));
console.log(formatInTimeZone(time, 'America/Los_Angeles', 'zzzz'), toZonedTime(time, 'Asia/Tokyo').getTime() !== undefined);
console.log(formatDistance(time, new Date(0), { locale: de }), format(new Date(2026, 0, 5), 'PPPP'));
