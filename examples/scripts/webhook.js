// A function: turns what a code host posts about a push into a message for a chat room.
const short = (id) => id.slice(0, 7);
const firstLine = (text) => text.split('\n', 1)[0];

export default function webhook(push) {
  const branch = push.ref.replace('refs/heads/', '');
  const authors = new Set(push.commits.map((commit) => commit.author.name));
  console.info(`${push.commits.length} commits by ${authors.size} people`);
  return {
    channel: branch === 'main' ? '#releases' : '#development',
    title: `${push.pusher.name} pushed to ${push.repository.full_name}:${branch}`,
    lines: push.commits.map((commit) => `${short(commit.id)} ${firstLine(commit.message)}`),
  };
}
