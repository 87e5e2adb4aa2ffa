// Renders a price list. The template is compiled when the image is built; a run only fills it in.
import Handlebars from 'handlebars';

Handlebars.registerHelper('price', (value) => Number(value).toFixed(2));

const render = Handlebars.compile(
  `<section class="list">
  <h1>{{title}}</h1>
  {{#if items}}
  <ul>
    {{#each items}}
    <li{{#if @first}} class="first"{{/if}}><span>{{name}}</span> <b>{{price price}}</b></li>
    {{/each}}
  </ul>
  {{else}}
  <p>Nothing to list.</p>
  {{/if}}
</section>
`,
  { knownHelpers: { price: true } },
);

// Handlebars compiles at the first call: one call for each branch puts the code into the image.
render({ title: '', items: [{ name: '', price: 0 }] });
render({ title: '', items: [] });

/**
 * @param {{ title: string, items: { name: string, price: number }[] }} input
 * @returns {string} the list as HTML
 */
export default function list(input) {
  return render(input);
}
