// Takes memory until there is none.
const all = [];

function handle(way) {
  if (way === 'buffers') for (;;) all.push(new Uint8Array(100_000));
  if (way === 'stubborn') {
    for (;;) {
      try {
        for (;;) all.push({});
      } catch {
        // Go on.
      }
    }
  }
  for (;;) all.push([all.length]);
}
