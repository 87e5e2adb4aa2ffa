// Turns src/*.js and the libraries they import into bundles/*.js, for an engine that has the
// ECMAScript globals and console, and nothing of a browser or of Node.
import { mkdir, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const absent = here('./src/stubs/absent.cjs');

// What the libraries ask for and these two scripts never reach. src/html-minifier.js refuses the
// options that would.
const neverReached = ['fs', 'http', 'https', 'os', 'url', 'util', 'relateurl', 'source-map', 'uglify-js'];

const alias = { path: 'path-browserify' };
for (const name of neverReached) alias[name] = absent;

await mkdir(here('./bundles'), { recursive: true });
for (const name of ['handlebars-list', 'html-minifier']) {
  const outfile = here(`./bundles/${name}.js`);
  await build({
    entryPoints: [here(`./src/${name}.js`)],
    outfile,
    alias,
    inject: [here('./src/stubs/host.js')],
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['browser', 'module', 'main'],
    target: 'es2023',
    // An image holds the source of every function, so what is not in the text is not in the image.
    minify: true,
    legalComments: 'eof',
    logLevel: 'warning',
  });
  const { size } = await stat(outfile);
  console.log(`bundles/${name}.js: ${(size / 1024).toFixed(0)} KiB`);
}
