// Never gives way to the event loop.
async function handle() {
  for (;;) await null;
}
