// Whatever would be changed in a record is seen in its line, however that is written: else a secret would pass unread.
import { type LogRecord, logRecord } from '@tidewatch/core/log-record.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRedactor } from './redactor.ts'
import { secrets } from './testing/secrets.ts'
import { wordLists } from './word-lists.ts'

const redactor = createRedactor({
  fields: ['national_id', 'iban'],
  patterns: [{ name: 'order', pattern: 'ORD-[0-9]{6}', contains: ['ord-'] }],
})
const encoder = new TextEncoder()

const mayHold = (text: string): boolean => {
  const bytes = encoder.encode(text)
  return redactor.mayHold(bytes, 0, bytes.length)
}

const asciiOnly = (json: string): string =>
  json.replace(/[\u0080-\uffff]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)

const words = fc.constantFrom(...wordLists.map((list) => list.slice(0, 40)))
const row = words.chain((list) =>
  fc
    .tuple(
      fc.array(fc.constantFrom(...list), { minLength: 10, maxLength: 26 }),
      fc.constantFrom(' ', ', ', '\n', '\t', '\u3000', '","', ' 1. ', '\\n'),
    )
    .map(([some, between]) => some.join(between)),
)
const fieldName = fc.constantFrom(
  'password',
  'userPassword',
  'passwd',
  'pass',
  'pwd',
  'api_key',
  'apiKey',
  'x-api-key',
  'secret_key',
  'privateKey',
  'seed',
  'mnemonic',
  'cookies.sid',
  'http.headers.authorization',
  'Set-Cookie',
  'token',
  'accessTokenHash',
  'token_count',
  'key',
  'cvv',
  'national_id',
  'IBAN',
  'message',
  'n',
  'signing__key',
)
const sign = fc.constantFrom('=', ': ', ' : ', '":"', '\\":\\"', '=>', ' ', '', '"]=', "':'")
const piece = fc.oneof(
  fc.constantFrom(...secrets.map(({ text }) => text)),
  row,
  fieldName,
  sign,
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom(
    '\n',
    '\\',
    '"',
    'é',
    '\u001b[31m',
    '\u0000',
    '\u2028',
    'д',
    ' ',
    'ord-',
    'ORD-123456',
    '4111111111111111',
    '-',
    '0x',
    'x'.repeat(30),
    'ab'.repeat(32),
  ),
)
const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''))
const value = fc.oneof(
  text,
  fc.array(text, { maxLength: 14 }),
  fc.array(fc.constantFrom(...wordLists[0]), { minLength: 12, maxLength: 24 }),
  fc.double(),
  fc.maxSafeInteger(),
)
const record = fc
  .record({
    body: text,
    user: text,
    attributes: fc.array(fc.tuple(fc.oneof(fieldName, fc.string({ maxLength: 8 })), value), { maxLength: 4 }),
  })
  .map((some): LogRecord => logRecord({ ...some, attributes: new Map(some.attributes) }))

/** `a.b` as nested objects. */
function nested(attributes: LogRecord['attributes']): Record<string, unknown> {
  const root: Record<string, unknown> = {}
  for (const [name, value] of attributes) root[name] = value
  const dotted = [...attributes].find(([name]) => name.split('.').length === 2)
  const [outer, inner] = dotted?.[0].split('.') ?? []
  return outer === undefined || inner === undefined ? root : { ...root, [outer]: { [inner]: dotted?.[1] } }
}

const otlpValue = (value: unknown): unknown =>
  Array.isArray(value) ? { arrayValue: { values: value.map(otlpValue) } } : { stringValue: String(value) }

function linesOf({ body, user, attributes }: LogRecord): readonly string[] {
  const flat = JSON.stringify({ body, user, ...Object.fromEntries(attributes) })
  const otlp = {
    body: { stringValue: body },
    user,
    attributes: [...attributes].map(([key, value]) => ({ key, value: otlpValue(value) })),
  }
  return [
    flat,
    asciiOnly(flat),
    JSON.stringify({ body, user, ...nested(attributes) }),
    ` ${flat}`,
    JSON.stringify(otlp),
  ]
}

test('what would be changed in a record is seen in its line', () => {
  fc.assert(
    fc.property(record, (some) => {
      const { found } = redactor.record(some)
      if (found.length === 0) return
      for (const line of linesOf(some)) expect(mayHold(line), `${JSON.stringify(found)} in ${line}`).toBe(true)
    }),
    { numRuns: 1500 },
  )
})

test('what would be changed in a text is seen in it', () => {
  fc.assert(
    fc.property(text, fc.nat(5), (some, before) => {
      if (redactor.text(some).found.length > 0) expect(mayHold('z'.repeat(before) + some) || mayHold(some)).toBe(true)
      if (redactor.text(some).found.length > 0) expect(mayHold(some)).toBe(true)
    }),
    { numRuns: 1500 },
  )
})

test('every secret is seen and taken out, wherever it stands', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...secrets),
      fc.nat(70),
      fc.nat(3),
      fc.constantFrom('\n', ' ', '"', '; '),
      ({ text, secret, kind }, before, after, edge) => {
        const whole = 'a '.repeat(before).slice(before % 2) + edge + text + edge + 'end'.repeat(after)
        const { value, found } = redactor.text(whole)
        expect(found.map((finding) => finding.kind)).toContain(kind)
        expect(value).not.toContain(secret)
        expect(mayHold(JSON.stringify({ m: whole }))).toBe(true)
      },
    ),
    { numRuns: 600 },
  )
})

test('a text that was cleaned stays as it is', () => {
  fc.assert(
    fc.property(fc.constantFrom(...secrets), fc.constantFrom(...secrets), (one, two) => {
      const { value } = redactor.text(`${one.text} ; ${two.text}`)
      expect(redactor.text(value).value).toBe(value)
    }),
  )
})
