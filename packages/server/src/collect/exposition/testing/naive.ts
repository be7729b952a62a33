// A plain parser of the text format by regular expressions and split: what ours is compared with in tests and in bench/src/exposition.ts.

export interface NaiveSample {
  readonly labels: Record<string, string>
  readonly value: number
  readonly timeMs: number | undefined
}

const line = /^([a-zA-Z_:][a-zA-Z0-9_:]*)[ \t]*(?:\{(.*)\})?[ \t]*([^ \t{]+)(?:[ \t]+(-?\d+))?[ \t]*$/s
const label = /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:\\.|[^"\\])*)"[ \t]*(?:,|$)/gsy

/** All samples of a body that is known to be right. */
export function parseNaively(text: string): NaiveSample[] {
  const found: NaiveSample[] = []
  for (const raw of text.split('\n')) {
    const trimmed = raw.trim()
    if (trimmed === '' || trimmed.startsWith('#')) continue
    const match = line.exec(trimmed)
    if (match === null) throw new Error(`cannot read: ${trimmed}`)
    const labels: Record<string, string> = { __name__: match[1] }
    for (const [, name, value] of (match[2] ?? '').matchAll(label)) {
      labels[name] = value.replace(/\\([\\n"])/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))
    }
    const number = Number(match[3].replace(/^([+-]?)Inf$/, '$1Infinity'))
    found.push({ labels, value: number, timeMs: match[4] === undefined ? undefined : Number(match[4]) })
  }
  return found
}
