// A function over an input: a webhook's event becomes a line of text.
export default async function ({ user, action, at }) {
  return `${user.name} has ${action} on ${at.slice(0, 10)}`;
}
