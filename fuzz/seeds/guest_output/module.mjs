export default function* (input) { yield* [1, 2]; return /(?<a>a+)+$/u.exec('aaab')?.groups; }
