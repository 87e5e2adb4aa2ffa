// juice: style sheets written into elements.
'use strict';
const juice = require('juice');

console.log(juice('<style>p{color:red}p.a{font-weight:bold}@media print{p{color:black}}</style><p class=a style="margin:0">x</p>'));
console.log(juice.inlineContent('<div><span>t</span></div>', 'div > span { padding: 1px 2px; } div { margin: 0 }'));
juice.juiceResources('<style>b{color:#fff}</style><b>x</b>', { removeStyleTags: false }, (error, html) => {
  console.log(error, html);
});
