async function handle(number) {
  const more = await new Promise((resolve) => queueAnswer(resolve));
  return number + more;
}

const queueAnswer = (resolve) => Promise.resolve(22).then(resolve);
