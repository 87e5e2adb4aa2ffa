// What users sent, checked by a schema: most of it is right, some is not.
import { z } from 'zod';

const Address = z.object({ street: z.string().min(1), city: z.string(), zip: z.string().regex(/^\d{4,5}$/) });
const User = z.object({
  id: z.number().int().positive(),
  name: z.string().min(2).max(80),
  mail: z.string().email(),
  role: z.enum(['admin', 'editor', 'reader']).default('reader'),
  tags: z.array(z.string()).max(10),
  address: Address.optional(),
  born: z.string().transform((text) => Number(text.slice(0, 4))),
});

globalThis.work = function work() {
  let good = 0, years = 0;
  const wrong = [];
  for (let i = 1; i <= 60; i++) {
    const given = {
      id: i % 13 ? i : -i, name: 'User ' + i, mail: i % 11 ? `user${i}@mail.example` : 'nobody',
      role: i % 3 ? 'editor' : undefined, tags: ['a', 'b', 'c'.repeat(i % 5)],
      address: i % 4 ? { street: 'Main Street ' + i, city: 'Ulm', zip: String(10000 + i * (i % 17 ? 1 : 100)) } : undefined,
      born: `${1950 + i}-01-01`,
    };
    const checked = User.safeParse(given);
    if (checked.success) {
      good++;
      years += checked.data.born;
    } else {
      wrong.push(...checked.error.issues.map((issue) => issue.path.join('.')));
    }
  }
  return [good, years, wrong.join()].join(' ');
};
