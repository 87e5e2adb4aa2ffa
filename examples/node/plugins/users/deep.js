const dig = (n) => dig(n + 1) + 1;

function handle() {
  try {
    return dig(0);
  } catch (error) {
    return error.name;
  }
}
