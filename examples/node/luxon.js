// Luxon: dates in zones and languages, by Intl.
'use strict';
const { DateTime, Duration, Interval, Info, Settings } = require('luxon');

Settings.defaultZone = 'Europe/Berlin';
Settings.defaultLocale = 'de';
const time = DateTime.fromISO('2026-03-28T23:30:00', { zone: 'Europe/Berlin' });
console.log(time.toISO(), time.plus({ hours: 4 }).toISO(), time.plus({ days: 1 }).toISO());
for (const zone of ['America/New_York', 'Asia/Tokyo', 'Australia/Lord_Howe', 'UTC']) {
  console.log(zone, time.setZone(zone).toISO(), time.setZone(zone).offsetNameShort, time.setZone(zone).isInDST);
}
for (const locale of ['en', 'de', 'fr', 'ja', 'ar', 'ru']) {
  const there = time.setLocale(locale);
  console.log(locale, there.toLocaleString(DateTime.DATETIME_FULL), '|', there.toFormat('cccc d LLLL yyyy, HH:mm'));
  console.log(there.toRelative({ base: time.plus({ days: 3 }) }), '|', Info.months('short', { locale }).join());
}
console.log(Duration.fromObject({ hours: 2, minutes: 7 }).toHuman(), Interval.after(time, { days: 3 }).count('days'));
console.log(DateTime.fromFormat('28. März 2026', 'd. LLLL yyyy', { locale: 'de' }).toISODate());
console.log(time.diff(DateTime.fromISO('2025-01-01'), ['months', 'days', 'hours']).toObject());
console.log(DateTime.fromISO('nothing').invalidExplanation, DateTime.local({ zone: 'Nowhere/Else' }).invalidReason);
