// A batch's lines as records again: for who looks at what was accepted (live tail). Reads on from line to line, nothing of lines that are not asked for.
import type { LogBatch } from './log-batch.ts'
import { type AttributeScalar, type AttributeValue, type LogRecord, logIdentityFields } from './log-record.ts'
import { type TextList, type TextMapColumn, TextWalk } from './text-columns.ts'

const decoder = new TextDecoder()

/** The lines of a batch that was finished, in order. Valid as long as the batch stays as it is. */
export function* readLogBatch(batch: LogBatch): Generator<LogRecord> {
  const severityText = new TextCursor(batch.severityText.texts)
  const body = new TextCursor(batch.body.texts)
  const kinds = new TextCursor(batch.kinds.texts)
  const spelling = new TextCursor(batch.spelling.texts)
  const identity = batch.identity.map(({ texts }) => new TextCursor(texts))
  const resource = new MapCursor(batch.resource)
  const attributes = new MapCursor(batch.attributes)
  for (let row = 0; row < batch.length; row++) {
    const fields: Record<string, string> = {}
    for (const [i, name] of logIdentityFields.entries()) fields[name] = identity[i].next()
    yield {
      timeNs: (BigInt(batch.times[row * 2 + 1]) << 32n) | BigInt(batch.times[row * 2]),
      severity: batch.severities[row],
      severityText: severityText.next(),
      body: body.next(),
      spelling: spelling.next(),
      ...(fields as Record<(typeof logIdentityFields)[number], string>),
      resource: new Map(resource.next(row)),
      attributes: attributesIn(attributes.next(row), kinds.next()),
    }
  }
}

function attributesIn(entries: readonly (readonly [string, string])[], kinds: string): Map<string, AttributeValue> {
  const lists = { names: entries.map(([name]) => name), values: entries.map(([, text]) => text) }
  return attributesOf(lists, { from: 0, to: entries.length, kinds })
}

/**
 * Attributes out of their names and texts, from one place to another, each with its kind (see `AttributeKind`); no kinds: all are texts.
 */
export function attributesOf(
  { names, values }: { readonly names: readonly string[]; readonly values: readonly string[] },
  { from, to, kinds }: { readonly from: number; readonly to: number; readonly kinds: string },
): Map<string, AttributeValue> {
  const attributes = new Map<string, AttributeValue>()
  for (let at = from; at < to; at++) {
    const name = names[at]
    const kind = kinds[at - from] ?? 's'
    if (kind >= 'a') {
      attributes.set(name, scalarOf(values[at], kind))
      continue
    }
    const known = attributes.get(name)
    const value = scalarOf(values[at], kind.toLowerCase())
    attributes.set(name, known === undefined ? [value] : [...(typeof known === 'object' ? known : [known]), value])
  }
  return attributes
}

function scalarOf(text: string, kind: string): AttributeScalar {
  if (kind === 'b') return text === 'true'
  if (kind !== 'n') return text
  const number = Number(text)
  if (text === '' || !Number.isFinite(number)) return text
  // beyond what a number holds exactly its digits say more
  return Number.isInteger(number) && !Number.isSafeInteger(number) && /^-?\d+$/.test(text) ? text : number
}

class TextCursor {
  readonly #texts: TextList
  readonly #walk = new TextWalk()

  constructor(texts: TextList) {
    this.#texts = texts
  }

  next(): string {
    this.#walk.step(this.#texts)
    const { from, to } = this.#walk
    return from === to ? '' : decoder.decode(this.#texts.bytes.subarray(from, to))
  }
}

class MapCursor {
  readonly #ends: Uint32Array
  readonly #names: TextCursor
  readonly #values: TextCursor
  #count = 0

  constructor({ ends, names, values }: TextMapColumn) {
    this.#ends = ends
    this.#names = new TextCursor(names)
    this.#values = new TextCursor(values)
  }

  next(row: number): (readonly [string, string])[] {
    const end = this.#ends[row * 2]
    const entries: (readonly [string, string])[] = []
    for (; this.#count < end; this.#count++) entries.push([this.#names.next(), this.#values.next()])
    return entries
  }
}
