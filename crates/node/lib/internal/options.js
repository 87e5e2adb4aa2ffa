'use strict';
// The command line's options, by their long names.

const { settings } = internalBinding('options');

// The value of `--name`: true or false, a string, or an array of strings; undefined if it was not given.
function getOptionValue(name) {
  return settings[name];
}

// A flag that is on unless `--no-name` was given.
function isOnByDefault(name) {
  return settings[name] !== false;
}

module.exports = { getOptionValue, isOnByDefault };
