// Zod: values checked by schemas.
'use strict';
const { z } = require('zod');

const user = z.object({
  name: z.string().min(2), age: z.number().int().positive().optional(), mail: z.email(), at: z.coerce.date(),
  tags: z.array(z.enum(['a', 'b'])).default([]), site: z.url().nullable(), id: z.uuid().or(z.literal(0)),
}).strict();
console.log(user.parse({ name: 'Ann', mail: 'a@b.de', at: '2026-01-01', site: null, id: 0 }));
const failed = user.safeParse({ name: 'A', age: -1.5, mail: 'x', at: 'x', tags: ['c'], site: 'x', id: 'x', more: 1 });
console.log(failed.error.issues, z.prettifyError(failed.error));
console.log(z.string().transform((text) => text.length).pipe(z.number().max(3)).safeParse('long').error.message);
const tree = z.object({ value: z.number(), get children() { return z.array(tree); } });
console.log(tree.parse({ value: 1, children: [{ value: 2, children: [] }] }));
console.log(JSON.stringify(z.toJSONSchema(z.object({ a: z.number(), b: z.string().optional() }))));
z.string().refine(async (text) => text === 'x', 'not x').parseAsync('y').catch((error) => console.log(error.issues));
console.log(z.templateLiteral(['v', z.number()]).safeParse('v12').success, z.stringbool().parse('yes'));
