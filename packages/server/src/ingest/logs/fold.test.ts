import { defaultProject } from '@tidewatch/core/matcher.ts'
import { expect, it } from 'vitest'
import { fakeLogs } from './fakes.ts'

const encoder = new TextEncoder()

/** The line that becomes of a text, or its fault. */
async function kept(text: string) {
  const logs = fakeLogs()
  using request = logs.intake.begin({ project: defaultProject, sender: 'test' })
  const bytes = encoder.encode(text)
  const fault = request.addJson(bytes, 0, bytes.length)
  if (fault !== undefined) return fault.message
  await request.store()
  return logs.lines[0]
}

const many = (count: number, one: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => one(i)).join()

it('looks at so many fields of a line, folds those beyond the columns and counts the rest', async () => {
  const line = await kept(`{"message":"wide","level":"error",${many(100_000, (i) => `"field_${i}":${i}`)}}`)
  if (typeof line !== 'object') throw new Error(line)
  expect(line).toMatchObject({ body: 'wide', severity: 17 })
  expect(line.attributes.size).toBeLessThanOrEqual(1024)
  expect(line.attributes.get('left_out_fields')).toBe(100_000 - 4096)
  expect(JSON.parse(String(line.attributes.get('more_fields')))).toMatchObject({ field_4000: 4000 })
})

it('looks at so many elements of a list', async () => {
  const line = await kept(`{"message":"long","a":[${many(100_000, (i) => `"word ${i}"`)}]}`)
  if (typeof line !== 'object') throw new Error(line)
  expect(line.attributes.get('left_out_fields')).toBe(100_000 - 4096)
})

it('keeps the digits of numbers that JavaScript cannot hold', async () => {
  const line = await kept('{"message":"m","a":12345678901234567890,"password":"secret123"}')
  expect(typeof line === 'object' ? line.attributes.get('a') : line).toBe('12345678901234567890')
})

it.each([
  ['objects', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
  ['lists', `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
])('takes %s in one another a hundred thousand deep as a fault or a line, never as an error', async (_what, text) => {
  const line = await kept(text)
  expect(typeof line === 'object' || line === 'is nested more deeply than can be read').toBe(true)
})

it('cuts a long message and long values, and keeps no part of a secret that lies across the end', async () => {
  const secret = `ghp_${'a1'.repeat(18)}`
  const line = await kept(
    JSON.stringify({
      message: `${'m'.repeat((1 << 20) - 10)} ${secret} ${'m'.repeat(1 << 20)}`,
      value: `${'v'.repeat((1 << 16) - 10)} ${secret} ${'v'.repeat(1 << 16)}`,
      list: [`${'l'.repeat(1 << 17)}`],
      password: 'p'.repeat(1 << 17),
    }),
  )
  if (typeof line !== 'object') throw new Error(line)
  for (const [text, limit] of [
    [line.body, 1 << 20],
    [String(line.attributes.get('value')), 1 << 16],
  ] as const) {
    expect(text.length).toBeLessThanOrEqual(limit)
    expect(text.length).toBeGreaterThan(limit - 50)
    expect(text).not.toContain('ghp_')
  }
  expect(line.attributes.get('cut_from_length')).toBe((2 << 20) + 32)
  expect(line.attributes.get('list')).toEqual(['l'.repeat(1 << 16)])
  expect(line.attributes.get('password')).toBe('[redacted:password]')
})

it('reads no fields of a line of more than 4 MB, and keeps its text', async () => {
  const text = `{"message":"m",${many(500_000, (i) => `"f${i}":${i}`)}}`
  expect(await kept(text)).toMatchObject({
    body: text.slice(0, 1 << 20),
    attributes: new Map([['cut_from_length', text.length]]),
  })
  expect(await kept(`x${text}`)).toContain('is no JSON object: at byte 0')
})
