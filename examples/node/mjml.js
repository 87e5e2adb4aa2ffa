// mjml: mails made of a language of its own.
'use strict';
const mjml = require('mjml');

async function main() {
  const source = `<mjml><mj-head><mj-title>Hi</mj-title><mj-attributes><mj-all font-family="Arial"/></mj-attributes></mj-head>
    <mj-body><mj-section><mj-column><mj-text color="#333">Hello {{name}}</mj-text>
    <mj-button href="https://example.org/">Go</mj-button></mj-column><mj-column width="30%"><mj-image src="a.png"/></mj-column></mj-section></mj-body></mjml>`;
  // The ids of carousels and the like are random; there are none here.
  const { html, errors } = await (mjml.default ?? mjml)(source);
  console.log(errors, html);
  const bad = await (mjml.default ?? mjml)('<mjml><mj-body><mj-nothing/></mj-body></mjml>', { validationLevel: 'soft' });
  console.log(bad.errors.map((error) => error.formattedMessage));
}
main();
