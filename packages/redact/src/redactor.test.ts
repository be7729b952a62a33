import { logRecord } from '@tidewatch/core/log-record.ts'
import { expect, test } from 'vitest'
import { createRedactor, keyFindings } from './redactor.ts'
import { isTonPhrase } from './seed-phrase.ts'
import { secrets, seedPhrases } from './testing/secrets.ts'
import { wordLists } from './word-lists.ts'

const redactor = createRedactor()
const hash = '0x9fc76417374aa880d4449a1f7f31ec597f00b1f6f3dd2d66f4c9c6c445836d8b'

test.each([
  `tx ${hash} confirmed in block ${hash.slice(2)}`,
  `block hash=${hash}`,
  `secret store opened, tx hash ${hash}`,
  `token: 0x${'ab'.repeat(20)}`,
  'token=USDT amount=5',
  'token: EQCxE6mUtQJKFnGfaROTKOt1lZbDiiX1kCixRv7Nw2Id_sDs',
  `owner 0:${hash.slice(2)}`,
  'max_tokens=4096 token_count: 17',
  'password: required',
  'password_changed=true',
  'seed=42',
  '2026-11-22 00:10:00 1763769600123 1763769600123456789',
  'amount 4000000000000000000 wei, 0.4111111111111111',
  'order 4111111111111112',
  'the private beta starts, the secret is out',
  'Basic auth is off, bearer of news',
  'https://example.com/a?b=c@d:e',
  `${'abandon '.repeat(12)}`,
  'commit 5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTK',
  'key=user:17 cache key: abc',
])('%s stays', (text) => {
  expect(redactor.text(text)).toEqual({ value: text, found: [] })
})

test.each(secrets)('$kind in $text goes', ({ text, secret, kind }) => {
  const { value, found } = redactor.text(text, 'body')
  expect(value).not.toContain(secret)
  expect(found).toContainEqual({ kind, field: 'body' })
})

test('a record tells where its secrets were, and keeps the rest', () => {
  const record = logRecord({
    body: 'import failed',
    service: 'wallet',
    tx: hash,
    resource: new Map([['host', 'a']]),
    attributes: new Map<string, string | number | boolean | readonly string[]>([
      ['http.request.header.cookie', 'sid=1'],
      ['words', seedPhrases[0].split(' ')],
      ['password', 'hunter2'],
      ['password_set', true],
      ['card', 4111111111111111],
      ['status', 500],
    ]),
  })
  const { record: cleaned, found } = redactor.record(record)
  expect(found).toEqual([
    { kind: 'cookie', field: 'attributes.http.request.header.cookie' },
    { kind: 'seed_phrase', field: 'attributes.words' },
    { kind: 'password', field: 'attributes.password' },
    { kind: 'card_number', field: 'attributes.card' },
  ])
  expect(keyFindings(found)).toEqual([{ kind: 'seed_phrase', field: 'attributes.words' }])
  expect(cleaned.tx).toBe(hash)
  expect(cleaned.attributes.get('password_set')).toBe(true)
  expect(cleaned.attributes.get('status')).toBe(500)
  expect(JSON.stringify([...cleaned.attributes])).not.toMatch(/legal|hunter2|sid|4111/)
})

test('a record without secrets is given back as it is', () => {
  const record = logRecord({ body: `swap ${hash} done`, attributes: new Map([['gas', 21000]]) })
  expect(redactor.record(record)).toEqual({ record, found: [] })
  expect(redactor.record(record).record).toBe(record)
})

test("TON's own check: 24 words that are no phrase of BIP-39", () => {
  const words = tonWords()
  expect(redactor.text(`backup: ${words.join(' ')}`).found).toEqual([{ kind: 'seed_phrase', field: '' }])
})

/** The first row of words that TON's wallets take; about one in 128 is. */
function tonWords(): readonly string[] {
  for (let shift = 0; ; shift++) {
    const words = Array.from({ length: 24 }, (_, i) => wordLists[0][(shift * 31 + i * 67) % 2048])
    if (isTonPhrase(words)) return words
  }
}

test('a dump of the list of words costs no check of each window', () => {
  expect(redactor.text(wordLists[0].join('\n')).found).toEqual([{ kind: 'seed_phrase', field: '' }])
})

test.each(['', 'é', '\ufeff'])(
  'secrets without number in a text that begins with "%s": each is found in its place',
  (start) => {
    const count = 20_000
    const { value, found } = redactor.text(`${start}${'4111111111111111 '.repeat(count)}`)
    expect(found).toHaveLength(count)
    expect(value).toBe(`${start}${'[redacted:card_number] '.repeat(count)}`)
  },
)

// read again from every place in it, each takes half a minute
test.each(['é', 'key', 'xox', 'eyJ', '\\n', 'a=', 'seed=['])(
  'a long row of %s is read in one go',
  { timeout: 12_000 },
  (piece) => {
    const row = `${piece.repeat(600_000 / piece.length)}${'.'.repeat(3000)}`
    const { value, found } = redactor.text(`${row} zoo https://a:b@c`)
    expect(found).toEqual([{ kind: 'url_credentials', field: '' }])
    expect(value).toBe(`${row} zoo https://[redacted:url_credentials]@c`)
    expect(redactor.mayHold(Buffer.from(row), 0, row.length)).toBe(['eyJ', 'seed=['].includes(piece))
  },
)

test('a record of more secrets than a call takes arguments', () => {
  const body = 'https://a:b@c '.repeat(150_000)
  const { found } = redactor.record(logRecord({ body }))
  expect(found).toHaveLength(150_000)
})

test('options add names and expressions, keep names, and leave kinds out but for keys', () => {
  const own = createRedactor({
    fields: ['national_id'],
    patterns: [{ name: 'order', pattern: 'ORD-[0-9]{4}' }],
    allow: ['session_token'],
    off: ['card_number'],
  })
  expect(own.text('nationalId=77 ORD-1234 session_token=abcdef 4111111111111111').value).toBe(
    'nationalId=[redacted:custom] [redacted:custom] session_token=abcdef 4111111111111111',
  )
  expect(own.text(`session_token=${seedPhrases[0]}`).found).toEqual([{ kind: 'seed_phrase', field: '' }])
})

test.each([
  [{ fields: ['x'] }, /cannot be looked for/],
  [{ patterns: [{ name: 'bad', pattern: '(' }] }, /pattern bad: /],
  [{ patterns: [{ name: 'all', pattern: 'x*' }] }, /matches an empty text/],
  [{ patterns: [{ name: 'short', pattern: 'x', contains: ['x'] }] }, /cannot be looked for/],
])('%j is refused', (options, message) => {
  expect(() => createRedactor(options)).toThrow(message)
})
