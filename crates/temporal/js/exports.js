// What the platform is given: the namespace, and the method of dates. `Intl` finds here what an object of
// Temporal is.

const timeOf = std.first.Date && method('Date.prototype', 'getTime');
const dates = {
  toTemporalInstant() {
    const time = timeOf(this);
    if (time !== time) throw new RangeError('Invalid time value');
    return made('Instant', run('Instant.milliseconds', time));
  },
};

const exported = {
  __proto__: null,
  Temporal,
  'Date.prototype.toTemporalInstant': dates.toTemporalInstant,
  kindOf,
  // Of a plain object or an instant, its time in ms and its calendar.
  describe: (value) => described(kindOf(value), textOf(value)),
  // The numbers of a duration's units, of an object or of its text.
  durationValues: (value) => durationValues(typeof value === 'string' ? run('Duration.parse', value) : textOf(value)),
};
// `Intl` asks what a value is, which is none of these objects before this ran.
std.temporal = exported;
return exported;
