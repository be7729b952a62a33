// Parsing a scrape: ours on bytes, with the target's texts known from the scrape before, against a parser by regular expressions.
// node scripts/with-node.mjs node bench/src/exposition.ts

import { ExpositionParser, type ExpositionSink, ExpositionTables } from '@tidewatch/server/collect/exposition/parse.ts'
import { parseNaively } from '@tidewatch/server/collect/exposition/testing/naive.ts'

const lines = 20_000
const bodies = Array.from({ length: 4 }, (_, scrape) => Buffer.from(makeBody(scrape)))
const texts = bodies.map((body) => body.toString())

class Sum implements ExpositionSink {
  total = 0
  series(): void {}
  sample(_slot: number, value: number): void {
    this.total += value
  }
  histogram(): void {}
  exemplar(): void {}
  comment(): void {}
  metadata(): void {}
}

const sink = new Sum()
const tables = new ExpositionTables()
let shuffledTables = new ExpositionTables()
const known = measure((round) => parse(bodies[round % 4], tables))
const shuffled = Buffer.from(shuffle(texts[0].split('\n')).join('\n'))
const otherOrder = measure((round) => {
  if (round === 0) shuffledTables = new ExpositionTables()
  parse(round % 2 === 0 ? bodies[0] : shuffled, shuffledTables)
})
const fresh = measure(() => parse(bodies[0], new ExpositionTables()))
const naive = measure((round) => {
  for (const sample of parseNaively(texts[round % 4])) sink.total += sample.value
})

console.log(`${lines} samples, ${(bodies[0].length / lines).toFixed(0)} bytes a sample`)
console.table({
  'known texts, same order': row(known),
  'known texts, other order': row(otherOrder),
  'first scrape': row(fresh),
  'regular expressions': row(naive),
})

function parse(body: Buffer, known: ExpositionTables): void {
  const parser = new ExpositionParser(body, { format: 'text', tables: known, sink })
  while (!parser.step(4096));
}

function row(ms: number) {
  return {
    'µs/sample': Number(((ms * 1000) / lines).toFixed(3)),
    'M samples/s': Number((lines / ms / 1000).toFixed(2)),
  }
}

/** The best of several rounds, in ms: what else runs on the machine only ever adds. */
function measure(run: (round: number) => void): number {
  run(0)
  let best = Number.POSITIVE_INFINITY
  for (let round = 1; round < 16; round++) {
    const startMs = performance.now()
    run(round)
    best = Math.min(best, performance.now() - startMs)
  }
  return best
}

function makeBody(scrape: number): string {
  const text: string[] = []
  for (let i = 0; i < lines; i++) {
    if (i % 20 === 0)
      text.push(
        `# HELP http_request_${i}_seconds How long requests took.`,
        `# TYPE http_request_${i}_seconds histogram`,
      )
    const value = i % 5 === 0 ? (i * 0.001_234_567_890_1 + scrape * 0.1).toString() : String(i * 37 + scrape * 11)
    const family = i - (i % 20)
    text.push(
      `http_request_${family}_seconds_bucket{method="GET",route="/api/v1/orders/:id",status="200",le="${i % 20}"} ${value}`,
    )
  }
  return `${text.join('\n')}\n`
}

function shuffle(items: string[]): string[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = (i * 7919) % (i + 1)
    const item = items[i]
    items[i] = items[j]
    items[j] = item
  }
  return items
}
