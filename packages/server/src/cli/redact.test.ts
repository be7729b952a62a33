import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readCall } from './command.ts'
import { redact } from './redact.ts'

const directory = mkdtempSync(join(tmpdir(), 'tidewatch-redact-'))
afterAll(() => rmSync(directory, { recursive: true }))

async function run(lines: readonly string[], ...args: string[]) {
  const out: string[] = []
  const err: string[] = []
  const file = join(directory, 'sample.log')
  writeFileSync(file, lines.join('\n'))
  const io = { env: {}, out: (text: string) => void out.push(text), err: (text: string) => void err.push(text) }
  const code = await redact.run(readCall([file, ...args], redact, io))
  return { code, out, err: err.map((text) => text.replaceAll(file, 'sample.log')) }
}

const phrase = `${'abandon '.repeat(11)}about`

test('says what is taken out of each line, by kind and field', async () => {
  const lines = ['started', `{"msg":"x","level":"info","user":{"password":"hunter2"}}`, `restored ${phrase}`]
  expect(await run(lines)).toEqual({
    code: 2,
    out: [
      'started',
      '{"level":"info","message":"x","user.password":"[redacted:password]"}',
      'restored [redacted:seed_phrase]',
    ],
    err: [
      'found  sample.log:2: password in attributes.user.password',
      'found  sample.log:3: seed_phrase in body (raises an alert)',
      'taken  1 password, 1 seed_phrase',
    ],
  })
})

test('tries the patterns of a configuration', async () => {
  const config = join(directory, 'tidewatch.yml')
  writeFileSync(config, "redaction: { patterns: [{ name: iban, pattern: 'DE[0-9]{20}', contains: [iban] }] }\n")
  const lines = ['iban DE12345678901234567890 kept by nobody', 'plain']
  const { code, out } = await run(lines, '--config', config, '--found')
  expect([code, out]).toEqual([0, ['iban [redacted:custom] kept by nobody']])
  expect((await run(['plain'])).err).toEqual(['fine   nothing is taken out'])
  writeFileSync(config, "redaction: { patterns: [{ name: x, pattern: '(' }] }\n")
  expect((await run(lines, '--config', config)).code).toBe(1)
})
