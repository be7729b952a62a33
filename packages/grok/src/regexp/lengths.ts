import type { RegexpNode } from './syntax.ts'

const maxLengths = 64
const maxLength = 1000

/** The lengths in characters that a match can have, shortest first; undefined where there are too many or no end. */
export function lengthsOf(node: RegexpNode): number[] | undefined {
  switch (node.kind) {
    case 'char':
    case 'set':
      return [1]
    case 'look':
    case 'assert':
    case 'keep':
      return [0]
    case 'capture':
    case 'atomic':
      return lengthsOf(node.body)
    case 'sequence':
      return node.parts.reduce<number[] | undefined>((sum, part) => sums(sum, lengthsOf(part)), [0])
    case 'either':
      return joined(node.options.map(lengthsOf))
    case 'condition':
      return joined([lengthsOf(node.yes), lengthsOf(node.no)])
    case 'repeat': {
      if (node.max > maxLength) return undefined
      const one = lengthsOf(node.body)
      const all: (number[] | undefined)[] = []
      let sum: number[] | undefined = [0]
      for (let turn = 0; turn <= node.max && sum !== undefined; turn++) {
        if (turn >= node.min) all.push(sum)
        sum = turn < node.max ? sums(sum, one) : sum
      }
      return sum === undefined ? undefined : joined(all)
    }
    case 'back_reference':
    case 'call':
      return undefined
  }
}

function joined(all: readonly (number[] | undefined)[]): number[] | undefined {
  const lengths = new Set<number>()
  for (const one of all) {
    if (one === undefined) return undefined
    for (const length of one) lengths.add(length)
  }
  return bounded(lengths)
}

function sums(a: number[] | undefined, b: number[] | undefined): number[] | undefined {
  if (a === undefined || b === undefined) return undefined
  return bounded(new Set(a.flatMap((one) => b.map((other) => one + other))))
}

function bounded(lengths: ReadonlySet<number>): number[] | undefined {
  if (lengths.size > maxLengths) return undefined
  const sorted = [...lengths].sort((x, y) => x - y)
  return (sorted.at(-1) ?? 0) > maxLength ? undefined : sorted
}
