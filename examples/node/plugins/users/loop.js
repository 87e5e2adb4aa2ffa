function handle() {
  for (;;) {
    try {
      for (;;);
    } catch {
      // Go on.
    }
  }
}
