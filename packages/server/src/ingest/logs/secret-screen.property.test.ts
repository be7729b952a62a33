// What the redactor would change in a record is seen in its line, field by field, and in the record's own bytes: else a secret would be stored unread.
import { logRecord } from '@tidewatch/core/log-record.ts'
import { createRedactor } from '@tidewatch/redact/redactor.ts'
import { secrets } from '@tidewatch/redact/testing/secrets.ts'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { FieldTable } from './field-table.ts'
import { recordOfObject } from './json-record.ts'
import { LineDecoder } from './line-decoder.ts'
import { isPlainRecord } from './record-screen.ts'
import { mayHoldSecret } from './secret-screen.ts'

const redactor = createRedactor({ fields: ['national_id'] })
const decoder = new LineDecoder()
const fields = new FieldTable()

const name = fc.constantFrom(
  ...[
    'message',
    'timestamp',
    'trace_id',
    'level',
    'user',
    'password',
    'api_key',
    'x.cookie',
    'national_id',
    'token',
    'a',
    'b',
    'seed',
  ],
)
const text = fc.oneof(
  fc.constantFrom(...secrets.map((secret) => secret.text)),
  fc.constantFrom('2026-11-22T10:00:00Z', 'abc123', '4111-1111-1111-1111', 'pwd=12', '0123456789abcdef', 'ok'),
  fc.string({ maxLength: 20 }),
)
const scalar = fc.oneof(text, text, fc.integer(), fc.constant(4111111111111111), fc.boolean())
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.constantFrom(...secrets.map((secret) => secret.text.split(' '))),
    fc.dictionary(name, tie('value'), { maxKeys: 3 }),
  ),
}))

it('sees in a line what the redactor would change in its record', () => {
  let changed = 0
  fc.assert(
    fc.property(fc.dictionary(name, value, { maxKeys: 5 }), (object) => {
      const bytes = Buffer.from(JSON.stringify(object))
      expect(decoder.scanner.scan(bytes, 0, bytes.length)).toBe(true)
      expect(decoder.name(bytes, fields)).toBe(true)
      const { record } = recordOfObject(object)
      const { found } = redactor.record(record)
      if (found.length === 0) return
      changed++
      expect(mayHoldSecret(bytes, decoder, fields, redactor)).toBe(true)
      expect(isPlainRecord(record, { fields, redactor })).toBe(false)
      const asResource = new Map([...record.attributes].map(([key, of]) => [key, String(of)]))
      if (redactor.record(logRecord({ resource: asResource })).found.length > 0)
        expect(isPlainRecord(logRecord({ resource: asResource }), { fields, redactor })).toBe(false)
    }),
    { numRuns: 2000 },
  )
  // the property is about lines that hold something
  expect(changed).toBeGreaterThan(200)
})
