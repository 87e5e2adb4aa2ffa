// Ten pages of HTML, minified by html-minifier with the CSS in them.
import { minify } from 'html-minifier';

const page = (i) => `<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>Page ${i}</title>
  <!-- a comment -->
  <style type="text/css">
    body { margin: 0px 0px 0px 0px; color: #ffffff; background-color: #00${i}000; }
    .item, .item > a:hover { font-weight: bold; padding: 10px ${i}px; }
  </style>
  <script type="text/javascript">var page = ${i};</script>
</head>
<body class="page page-${i}">
  <h1>   Page   ${i}   </h1>
  <ul id="list">
    ${Array.from({ length: 8 }, (_, k) => `<li class="item"><a href="/page/${i}/${k}" title="Item ${k}">Item ${k} of <b> ${i} </b></a></li>`).join('\n    ')}
  </ul>
  <form method="get" action="/search"><input type="text" disabled="disabled" value="${i}"> <button type="submit">Go</button></form>
</body>
</html>`;
const pages = Array.from({ length: 10 }, (_, i) => page(i));
const options = {
  collapseBooleanAttributes: true, collapseWhitespace: true, removeAttributeQuotes: true, removeComments: true,
  removeRedundantAttributes: true, removeScriptTypeAttributes: true, removeStyleLinkTypeAttributes: true, useShortDoctype: true,
  // There are no files to inline an @import from.
  minifyCSS: { inline: ['none'], rebase: false, sourceMap: false },
};

globalThis.work = function work() {
  return pages.map((text) => minify(text, options)).join('\n');
};
