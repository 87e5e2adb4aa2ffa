'use strict';
// `trace_events`: programs can say what they want traced, but nothing here traces.

const { codes: { ERR_INVALID_ARG_TYPE, ERR_TRACE_EVENTS_CATEGORY_REQUIRED } } = require('internal/errors');
const { customInspectSymbol } = require('internal/util');
const { validateObject, validateStringArray } = require('internal/validators');

const enabled = new Map(); // category -> how many Tracing objects enable it

class Tracing {
  #categories;
  #enabled = false;

  constructor(categories) {
    this.#categories = categories;
  }

  #count(by) {
    for (const category of this.#categories) {
      const count = (enabled.get(category) ?? 0) + by;
      if (count === 0) enabled.delete(category);
      else enabled.set(category, count);
    }
  }

  enable() {
    if (this.#enabled) return;
    this.#enabled = true;
    this.#count(1);
  }

  disable() {
    if (!this.#enabled) return;
    this.#enabled = false;
    this.#count(-1);
  }

  get enabled() {
    return this.#enabled;
  }

  get categories() {
    return this.#categories.join(',');
  }

  [customInspectSymbol](depth, options) {
    if (typeof depth === 'number' && depth < 0) return this;
    const { inspect } = require('internal/util/inspect');
    return `Tracing ${inspect({ enabled: this.enabled, categories: this.categories }, {
      ...options, depth: options.depth == null ? null : options.depth - 1,
    })}`;
  }
}

function createTracing(options) {
  validateObject(options, 'options');
  const { categories } = options;
  if (!Array.isArray(categories)) throw new ERR_INVALID_ARG_TYPE('options.categories', 'Array', categories);
  validateStringArray(categories, 'options.categories');
  if (categories.length === 0) throw new ERR_TRACE_EVENTS_CATEGORY_REQUIRED();
  return new Tracing([...categories]);
}

function getEnabledCategories() {
  return enabled.size === 0 ? undefined : [...enabled.keys()].join(',');
}

module.exports = { createTracing, getEnabledCategories };
