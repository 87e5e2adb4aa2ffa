// An article in Markdown to HTML, by marked.
import { marked } from 'marked';

const part = (i) => `## Part ${i}

Some *emphasis*, **strong words** and \`code ${i}\`, with a [link](https://example.com/${i} "title") and an image:
![alt](/images/${i}.png). A line that is
broken & has <b>HTML</b> in it.

- first item ${i}
- second item
  - a nested one with \`code\`
- third

1. one
2. two

> A quotation, **${i}** words long.

| name | value |
|------|------:|
| a    | ${i}  |
| b    | ${i * 2} |

\`\`\`js
const answer = ${i} * 2; // a < b
\`\`\`
`;
const article = '# Title\n\n' + Array.from({ length: 8 }, (_, i) => part(i)).join('\n');

globalThis.work = function work() {
  return marked.parse(article);
};
