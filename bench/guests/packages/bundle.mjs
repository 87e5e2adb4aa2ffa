// Turns src/*.js and the packages they import into bundles/*.js: classic scripts that define `work`, for an
// engine that has the ECMAScript globals and nothing of a browser or of Node.
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const alias = { path: 'path-browserify' };
// What the packages ask for and the workloads never reach.
for (const name of ['fs', 'http', 'https', 'os', 'url', 'util', 'relateurl', 'source-map', 'uglify-js']) {
  alias[name] = here('./src/stubs/absent.cjs');
}

await mkdir(here('./bundles'), { recursive: true });
await build({
  entryPoints: ['templates', 'validation', 'markdown', 'minify'].map((name) => here(`./src/${name}.js`)),
  outdir: here('./bundles'),
  alias,
  inject: [here('./src/stubs/host.js')],
  bundle: true,
  format: 'iife',
  platform: 'neutral',
  mainFields: ['browser', 'module', 'main'],
  target: 'es2023',
  minify: true,
  legalComments: 'eof',
  logLevel: 'warning',
});
