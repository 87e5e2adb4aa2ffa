// Intl.DisplayNames (ECMA-402, section 12) and Intl.supportedValuesOf.

const NAME_STYLES = ['narrow', 'short', 'long'];
const NAME_TYPES = ['language', 'region', 'script', 'currency', 'calendar', 'dateTimeField'];
const FALLBACKS = ['code', 'none'];
const LANGUAGE_DISPLAYS = ['dialect', 'standard'];

function DisplayNames(locales, given) {
  needNew(new.target, 'DisplayNames');
  asking = 'Intl.DisplayNames';
  const wanted = new.target.prototype;
  const prototype = isObject(wanted) ? wanted : DisplayNames.prototype;
  const list = localeList(locales);
  if (given === undefined) throw new TypeError('Intl.DisplayNames needs options');
  const options = optionsObject(given);
  getOption(options, 'localeMatcher', MATCHERS, 'best fit');
  const slots = { __proto__: null, locale: native.localeResolve('DisplayNames', list) };
  slots.style = getOption(options, 'style', NAME_STYLES, 'long');
  slots.type = getOption(options, 'type', NAME_TYPES, undefined);
  if (slots.type === undefined) throw new TypeError('Required option "type" must not be undefined');
  slots.fallback = getOption(options, 'fallback', FALLBACKS, 'code');
  const display = getOption(options, 'languageDisplay', LANGUAGE_DISPLAYS, 'dialect');
  if (slots.type === 'language') slots.languageDisplay = display;
  return make({ __proto__: null, prototype }, prototype, 'DisplayNames', slots);
}

service('DisplayNames', DisplayNames, {
  resolvedOptions() {
    return resolvedObject(['locale', 'style', 'type', 'fallback', 'languageDisplay'],
      Slots.of(this, 'DisplayNames', 'Intl.DisplayNames.prototype.resolvedOptions'));
  },
  of(code) {
    const slots = Slots.of(this, 'DisplayNames', 'Intl.DisplayNames.prototype.of');
    const found = jsonParse(native.displayName(slots.locale, slots.type, slots.style,
      slots.languageDisplay === undefined ? '' : slots.languageDisplay, toText(code)));
    if (found[0] !== null) return found[0];
    return slots.fallback === 'code' ? found[1] : undefined;
  },
}, {});
defineProperty(DisplayNames, 'length', { __proto__: null, value: 2, writable: false, enumerable: false, configurable: true });

define(Intl, 'supportedValuesOf', {
  supportedValuesOf(key) {
    return split(native.valuesSupported(toText(key)));
  },
}.supportedValuesOf);
