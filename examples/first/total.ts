// A function of its input in TypeScript: types are erased, enums are there.
enum Rate {
  Standard = 0.19,
  Reduced = 0.07,
}

interface Order {
  net: number;
  rate: keyof typeof Rate;
}

export default ({ net, rate }: Order): { gross: number } => ({ gross: Math.round(net * (1 + Rate[rate])) });
