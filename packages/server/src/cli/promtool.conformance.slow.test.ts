// Every rule file, unit test and metrics page of the conformance kit, judged by the commands as people call them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { findConformanceKit } from '@tidewatch/testkit/promqltest/kit.ts'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { checkPage } from '../features/metrics-lint/check-page.ts'
import { checkRules } from './check-rules.ts'
import { type Command, readCall } from './command.ts'
import { testRules } from './test-rules.ts'

const dir = findConformanceKit('promtool')
const knownFailing = new Set(
  readFileSync(join(import.meta.dirname, 'promtool-known-failing.txt'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#')),
)

const expectedSchema = z.object({
  rules: z.array(
    z.object({
      file: z.string(),
      exit: z.number(),
      rules: z.number().optional(),
      message: z.string().optional(),
      lintFatal: z.string().optional(),
    }),
  ),
  tests: z.array(
    z.object({
      file: z.string(),
      args: z.array(z.string()).default([]),
      exit: z.number(),
      output: z.string().optional(),
    }),
  ),
  metrics: z.array(z.object({ file: z.string(), exit: z.number(), output: z.string() })),
})

type Expected = z.infer<typeof expectedSchema>

interface Verdict {
  readonly exit: number
  readonly text: string
}

async function run(command: Command, args: readonly string[]): Promise<Verdict> {
  const lines: string[] = []
  const say = (text: string): void => void lines.push(text)
  const exit = await command.run(readCall(args, command, { env: {}, out: say, err: say }))
  return { exit, text: lines.join('\n') }
}

/** What a message must have of promtool's: the line (and column), the group, the rule's number, the reason. */
function partsOf(message: string): string[] {
  const unknown = [...message.matchAll(/line (\d+): field (\S+) not found/g)]
  if (unknown.length > 0) return unknown.flatMap(([, line, key]) => [`:${line}:`, ` ${key}: there is no such key`])
  const rule = /(?:: (\d+:\d+))?: (group ".*?", rule \d+), "(?:[^"\\]|\\.)*": (.*)$/s.exec(message)
  if (rule === null) return []
  const [, place, where, reason] = rule as unknown as [string, string | undefined, string, string]
  const told = reason.replace(/^(?:label|annotation) "\w+": /, '').replace(/^.*?(?=braces present)/, '')
  return [...(place === undefined || place === '0:0' ? [] : [`:${place} `]), where, told]
}

async function ruleMismatches(dir: string, { rules }: Expected): Promise<string[]> {
  const wrong: string[] = []
  for (const one of rules) {
    const path = join(dir, one.file)
    const { exit, text } = await run(checkRules, ['--prometheus', path])
    const parts = one.message === undefined ? [] : partsOf(one.message)
    if (one.rules !== undefined) parts.push(`SUCCESS: ${one.rules} rules found`)
    const missing = parts.filter((part) => !text.includes(part))
    if (exit !== one.exit || missing.length > 0) wrong.push(`${one.file} ${JSON.stringify({ exit, missing, text })}`)
    if (one.lintFatal === undefined) continue
    const fatal = await run(checkRules, ['--prometheus', '--lint=all', '--lint-fatal', path])
    const wanted = one.lintFatal.slice(one.lintFatal.indexOf('lint error'))
    if (fatal.exit !== 3 || !fatal.text.includes(wanted)) wrong.push(`${one.file} lint ${JSON.stringify(fatal)}`)
  }
  return wrong
}

/** Which tests failed, and when: with the same exit code it could be others. */
const failedParts = (output: string): string[] =>
  [...output.matchAll(/^ +(?:expr|alertname|rule): .*?, time: \w+/gm)].map(([part]) => part)

async function testMismatches(dir: string, { tests }: Expected): Promise<string[]> {
  const wrong: string[] = []
  for (const { file, args, exit, output = '' } of tests) {
    const got = await run(testRules, ['--prometheus', ...args, join(dir, file)])
    const isSame = got.exit === exit && failedParts(got.text).join() === failedParts(output).join()
    if (!isSame) wrong.push(`${[file, ...args].join(' ')} ${JSON.stringify({ ...got, output })}`)
  }
  return wrong
}

function pageMismatches(dir: string, { metrics }: Expected): string[] {
  return metrics.flatMap(({ file, exit, output }) => {
    const { exitCode, lines } = checkPage(readFileSync(join(dir, file), 'utf8'))
    const text = lines.join('\n')
    return exitCode === exit && text === output ? [] : [`${file} ${JSON.stringify({ exitCode, text, output })}`]
  })
}

test.skipIf(dir === undefined && process.env.CI === undefined)(
  'judges the files of the kit as promtool does',
  async () => {
    if (dir === undefined) throw new Error('the conformance kit is missing: set CONFORMANCE_DIR')
    const expected = expectedSchema.parse(JSON.parse(readFileSync(join(dir, 'expected.json'), 'utf8')))
    expect(expected.rules.length).toBeGreaterThanOrEqual(78)
    expect(expected.tests.length).toBeGreaterThanOrEqual(58)
    expect(expected.metrics.length).toBeGreaterThanOrEqual(18)

    const wrong = [
      ...(await ruleMismatches(dir, expected)),
      ...(await testMismatches(dir, expected)),
      ...pageMismatches(dir, expected),
    ]
    const fileOf = (line: string): string => line.split(' ')[0] as string
    expect(wrong.filter((line) => !knownFailing.has(fileOf(line)))).toEqual([])
    const failing = new Set(wrong.map(fileOf))
    const passing = [...knownFailing].filter((file) => !failing.has(file))
    expect(passing, 'these pass now: take them out of promtool-known-failing.txt').toEqual([])
  },
  120_000,
)
