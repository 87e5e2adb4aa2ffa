// Minifies a page of HTML, with the CSS in it.
import { minify } from 'html-minifier';

const defaults = {
  collapseBooleanAttributes: true,
  collapseWhitespace: true,
  minifyCSS: true,
  removeAttributeQuotes: true,
  removeComments: true,
  removeRedundantAttributes: true,
  removeScriptTypeAttributes: true,
  removeStyleLinkTypeAttributes: true,
  useShortDoctype: true,
};

// They need uglify-js and relateurl, which are left out of the bundle.
const refused = ['minifyJS', 'minifyURLs'];

function optionsFrom(given = {}) {
  for (const name of refused) {
    if (given[name]) throw new TypeError(`options.${name} is not part of this script`);
  }
  const options = { ...defaults, ...given };
  if (options.minifyCSS) {
    // There are no files to inline an @import from.
    options.minifyCSS = { ...Object(options.minifyCSS), inline: ['none'], rebase: false, sourceMap: false };
  }
  return options;
}

/**
 * @param {{ html: string, options?: object }} input options as html-minifier has them
 * @returns {string} the minified page
 */
export default function minifyPage({ html, options }) {
  return minify(html, optionsFrom(options));
}
