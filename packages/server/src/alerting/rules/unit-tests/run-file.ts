// One unit-test file with the rule files it names.
import { globSync, readFileSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { AppError, formatProblem } from '@tidewatch/core/error.ts'
import type { Expr } from '@tidewatch/promql/ast.ts'
import type { YamlReader } from '../../../config/port.ts'
import type { RuleGroup } from '../rule-file.ts'
import { readRules } from '../rule-source.ts'
import type { WrittenValues } from '../values/named-values.ts'
import { runTestGroup } from './run-group.ts'
import { readTestFile, type TestFile } from './test-file.ts'

export interface RunFileOptions {
  readonly readYaml: YamlReader
  /** Throws for an expression that is not wanted. */
  readonly judge: (expr: Expr, text: string) => void
  /** As the release of Prometheus whose verdicts we follow: refuses what it does not know. */
  readonly prometheus: boolean
  readonly ignoreUnknownFields: boolean
  /** Queries by the names that conditions use. */
  readonly values?: WrittenValues
  /** Only test groups whose name matches one of them; empty: all. */
  readonly run: readonly ((name: string) => boolean)[]
  readonly diff: boolean
  /** Told line by line what happens. */
  readonly debug?: ((line: string) => void) | undefined
  readonly signal: AbortSignal
}

export interface FileResult {
  readonly failures: readonly string[]
  readonly warnings: readonly string[]
  /** Each group of tests that was run, with what failed in it; none where the file itself is wrong. */
  readonly cases: readonly { readonly name: string; readonly failures: readonly string[] }[]
}

/** Runs the tests of a file. What is wrong with the file itself is a failure too. */
export async function runTestFile(path: string, options: RunFileOptions): Promise<FileResult> {
  try {
    return await runReadable(path, options)
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'config.unreadable') throw error
    return unrunnable([error.message])
  }
}

async function runReadable(path: string, options: RunFileOptions): Promise<FileResult> {
  const { readYaml, run } = options
  const read = readTestFile({ name: path, path, text: readText(path) }, readYaml, options)
  if (!read.ok) return unrunnable(read.problems.map(formatProblem))
  const file = read.value
  const repeated = file.groupEvalOrder.find((name, i) => file.groupEvalOrder.indexOf(name) !== i)
  if (repeated !== undefined) return unrunnable([`group name repeated in evaluation order: ${repeated}`])
  const wanted = file.tests
    .map((group, i) => ({ group, name: group.name === '' ? `unnamed#${i}` : group.name }))
    .filter(({ group }) => run.length === 0 || run.some((matches) => matches(group.name)))
  const { paths, warnings } = findRuleFiles(file, dirname(path))
  if (wanted.length === 0) return unrunnable([], warnings)
  const problems: string[] = []
  const groups = loadGroups(paths, options, problems)
  if (problems.length > 0) return unrunnable(problems, warnings)
  const ordered = inOrder(groups, file.groupEvalOrder)
  const { evaluationIntervalMs, fuzzyCompare } = file
  const cases: { readonly name: string; readonly failures: readonly string[] }[] = []
  for (const { group, name } of wanted) {
    options.debug?.(`Starting test ${name}`)
    const failures = await runTestGroup(group, { ...options, groups: ordered, evaluationIntervalMs, fuzzyCompare })
    options.debug?.(`Test ${name} finished: ${failures.length === 0 ? 'fine' : 'failed'}`)
    cases.push({ name, failures })
  }
  return { failures: cases.flatMap(({ failures }) => failures), warnings, cases }
}

const unrunnable = (failures: readonly string[], warnings: readonly string[] = []): FileResult => ({
  failures,
  warnings,
  cases: [],
})

/** Groups that the order does not name stand beside its first, as in Prometheus. */
function inOrder(groups: readonly RuleGroup[], order: readonly string[]): RuleGroup[] {
  const place = ({ name }: RuleGroup): number => Math.max(0, order.indexOf(name))
  return [...groups].sort((a, b) => place(a) - place(b))
}

function findRuleFiles({ ruleFiles }: TestFile, base: string): { paths: readonly string[]; warnings: string[] } {
  const warnings: string[] = []
  const paths = new Set<string>()
  for (const pattern of ruleFiles) {
    const full = isAbsolute(pattern) ? pattern : join(base, pattern)
    const matches = pattern === '' ? [] : globSync(full).map(String).sort()
    if (matches.length === 0) warnings.push(`no file match pattern ${full}`)
    for (const match of matches) paths.add(match)
  }
  return { paths: [...paths], warnings }
}

function loadGroups(paths: readonly string[], options: RunFileOptions, failures: string[]): RuleGroup[] {
  return paths.flatMap((path) => {
    const read = readRules({ name: path, path, text: readText(path) }, options.readYaml, options)
    if (read.ok) return read.value
    failures.push(...read.problems.map(formatProblem))
    return []
  })
}

/** Throws `config.unreadable`. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new AppError('config.unreadable', `${path} cannot be read: ${(cause as Error).message}`, { cause })
  }
}
