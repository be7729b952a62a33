// Prometheus's configuration files and relabelling cases, with a real Prometheus's verdicts, against ours in this process.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatProblem, type Problem } from '@tidewatch/core/error.ts'
import { findConformanceKit } from '@tidewatch/testkit/promqltest/kit.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isScalar, parseDocument, visit } from 'yaml'
import { z } from 'zod'
import { compileRelabel } from '../collect/relabel.ts'
import { readConfiguration } from './configuration.ts'

const kit = findConformanceKit('prometheus-config')
const dir = kit ?? ''
const isLeftOut = kit === undefined && process.env.CI === undefined
const isWhole = existsSync(join(dir, 'expected.json'))
const read = (file: string): string => readFileSync(join(dir, file), 'utf8')

const place = z.object({ key: z.string(), line: z.number() })
const fileCase = z.object({
  file: z.string(),
  mode: z.enum(['server', 'agent']),
  accepted: z.boolean(),
  message: z.string().optional(),
  outOfScopeHere: z.array(place).optional(),
  effective: z.string().optional(),
})
const relabelCase = z.object({
  id: z.string(),
  labels: z.record(z.string(), z.string()).optional(),
  rules: z.string(),
  dropped: z.boolean().optional(),
  output: z.record(z.string(), z.string()).optional(),
  error: z.string().optional(),
})
type FileCase = z.infer<typeof fileCase>
type RelabelCase = z.infer<typeof relabelCase>

const files = isWhole ? z.object({ files: z.array(fileCase) }).parse(JSON.parse(read('expected.json'))).files : []
const relabellings = isWhole
  ? z.object({ cases: z.array(relabelCase) }).parse(JSON.parse(read('relabel.json'))).cases
  : []

let scratch = ''

const knownFailing = new Set(
  readFileSync(join(import.meta.dirname, 'prometheus-config-known-failing.txt'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#')),
)

/** A fault in a file that is included shows when that is read, which a server does. */
const isRefused = ({ file, accepted, outOfScopeHere }: FileCase): boolean =>
  !accepted || outOfScopeHere !== undefined || /^bad\/scrape_config_files_.*\.bad\.yml$/.test(file)

/** Lines and keys that Prometheus names. */
function namedPlaces({ message = '', outOfScopeHere }: FileCase): { readonly line: number; readonly key?: string }[] {
  if (outOfScopeHere !== undefined) return outOfScopeHere
  const keys = [...message.matchAll(/line (\d+): field (\S+) (?:not found|already set)/g)]
  const types = [...message.matchAll(/line (\d+): cannot unmarshal/g)]
  return [
    ...keys.map(([, line, key]) => ({ line: Number(line), key: key as string })),
    ...types.map(([, line]) => ({ line: Number(line) })),
  ]
}

function verdictFault(one: FileCase): string | undefined {
  const { file, mode } = one
  const answer = readConfiguration(join(dir, file), {}, { agent: mode === 'agent' })
  if (isRefused(one) === answer.ok) {
    const found = answer.ok ? [] : answer.problems.map(formatProblem)
    return answer.ok ? `is accepted; Prometheus says: ${one.message}` : `is refused: ${found.join('\n')}`
  }
  return answer.ok ? undefined : problemFault(one, answer.problems)
}

function problemFault(one: FileCase, problems: readonly Problem[]): string | undefined {
  const told = problems.map(formatProblem).join('\n')
  for (const { message, where } of problems) {
    const isWholeFile = message.includes('not valid YAML') || where.line === 1
    if (where.file === undefined || where.line === undefined || message === '') return `names no place: ${told}`
    if (where.key === undefined && !isWholeFile) return `names no key: ${told}`
  }
  for (const { line, key = '' } of namedPlaces(one)) {
    const isTold = problems.some(({ where }) => where.line === line && (where.key ?? '').endsWith(key))
    if (!isTold) return `does not name line ${line} ${key}: ${told}`
  }
  return undefined
}

function effectiveFault({ file, effective }: FileCase): string | undefined {
  const answer = readConfiguration(join(dir, file), {})
  const wanted = read(effective as string)
  if (!answer.ok) return 'is refused'
  const ours = answer.value.effectivePrometheus.split('\n')
  const at = wanted.split('\n').findIndex((line, i) => line !== ours[i])
  return answer.value.effectivePrometheus === wanted ? undefined : `differs from line ${at + 1} on: ${ours[at]}`
}

/** The first fault of a file once the unsupported blocks are cut out of it. */
function withoutDiscoveries({ file, outOfScopeHere = [] }: FileCase): Problem['where'] | undefined {
  const document = parseDocument(read(file), { version: '1.1' })
  const names = new Set(outOfScopeHere.map(({ key }) => key))
  visit(document, { Pair: (_, { key }) => (isScalar(key) && names.has(String(key.value)) ? visit.REMOVE : undefined) })
  const path = join(scratch, 'prometheus.yml')
  writeFileSync(path, document.toString())
  const answer = readConfiguration(path, {})
  return answer.ok ? undefined : answer.problems[0]?.where
}

/** The rules stand in a job, since that is how they get here. */
function relabelFault(one: RelabelCase): string | undefined {
  const lines = one.rules.split('\n').map((line) => `      ${line}`)
  const file = join(scratch, 'prometheus.yml')
  writeFileSync(file, ['scrape_configs:', '  - job_name: j', '    relabel_configs:', ...lines].join('\n'))
  const answer = readConfiguration(file, {})
  if (!answer.ok) return one.error === undefined ? answer.problems.map(formatProblem).join('\n') : undefined
  if (one.error !== undefined) return `is accepted; Prometheus says: ${one.error}`
  const labels = new Map(Object.entries(one.labels ?? {}).filter(([, value]) => value !== ''))
  const isKept = compileRelabel(answer.value.prometheus.scrape_configs[0]?.relabel_configs ?? [])(labels)
  if (isKept === (one.dropped === true)) return isKept ? 'is kept' : 'is dropped'
  const sorted = (entries: readonly (readonly [string, string])[]): string => JSON.stringify([...entries].sort())
  const ours = sorted([...labels])
  return !isKept || ours === sorted(Object.entries(one.output ?? {})) ? undefined : `gives ${ours}`
}

/** Nothing fails but what the list names, and what it names fails. */
function expectOnlyKnown(faults: ReadonlyMap<string, string | undefined>): void {
  const failing = [...faults].filter(([, fault]) => fault !== undefined)
  expect(failing.filter(([name]) => !knownFailing.has(name))).toEqual([])
  const passing = [...knownFailing].filter((name) => faults.has(name) && faults.get(name) === undefined)
  expect(passing, 'these pass now: take them out of the list').toEqual([])
}

describe.skipIf(isLeftOut)("Prometheus's configuration files", () => {
  beforeAll(() => {
    if (kit === undefined) throw new Error('the conformance kit is missing: set CONFORMANCE_DIR')
    scratch = mkdtempSync(join(tmpdir(), 'tidewatch-relabel-'))
  })
  afterAll(() => rmSync(scratch, { recursive: true, force: true }))

  test('are accepted and refused as by Prometheus, at the line and key that it names', () => {
    expect(files.length).toBeGreaterThanOrEqual(253)
    expectOnlyKnown(new Map(files.map((one) => [one.file, verdictFault(one)])))
  })

  test('load with every key there is, but for the discoveries that are not supported', () => {
    for (const file of files.filter((one) => one.accepted && one.outOfScopeHere !== undefined)) {
      const { key, line } = withoutDiscoveries(file) ?? {}
      expect(`${file.file}:${line} ${key}`).toBe(`${file.file}:undefined undefined`)
    }
  })

  test('have the same effective configuration', () => {
    const cases = files.filter((one) => one.effective !== undefined && !isRefused(one))
    expect(cases.length).toBeGreaterThanOrEqual(91)
    expectOnlyKnown(new Map(cases.map((one) => [one.effective as string, effectiveFault(one)])))
  })

  test('relabel in the same way', () => {
    expect(relabellings.length).toBeGreaterThanOrEqual(98)
    expectOnlyKnown(new Map(relabellings.map((one) => [one.id, relabelFault(one)])))
  })
})
