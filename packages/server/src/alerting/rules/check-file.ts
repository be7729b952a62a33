// What `check rules` says of one rule file.
import { formatProblem, type Problem } from '@tidewatch/core/error.ts'
import { compareUtf8 } from '@tidewatch/core/labels.ts'
import { z } from 'zod'
import { type ConfigFile, PlainScalar, type YamlReader } from '../../config/port.ts'
import { firstDocument, readWrittenGroups } from './rule-file.ts'
import { isRuleSet, type RuleSetOptions, readRuleSet } from './rule-set-file.ts'

export interface RuleFileVerdict {
  /** With file, line, column, group and rule; none where the file is taken. */
  readonly problems: readonly string[]
  readonly rules: number
  /** Rules that record or alert the same: allowed, and hardly meant. */
  readonly duplicates: readonly DuplicateRule[]
}

interface DuplicateRule {
  readonly name: string
  readonly labels: readonly (readonly [string, string])[]
}

const looseName = z.unknown().optional()
const looseFile = z.object({
  groups: z
    .array(
      z.object({
        name: looseName,
        rules: z.array(z.object({ record: looseName, alert: looseName })).nullish(),
      }),
    )
    .nullish(),
})

type LooseGroups = NonNullable<z.infer<typeof looseFile>['groups']>

/** Reads a rule file as Prometheus would and tells everything that is wrong with it. */
export function checkRuleFile(file: ConfigFile, readYaml: YamlReader, options: RuleSetOptions): RuleFileVerdict {
  if (isRuleSet(file, readYaml)) return checkRuleSet(file, readYaml, options)
  const read = readWrittenGroups(file, readYaml, options)
  if (!read.ok) {
    const loose = readYaml({ ...file, text: firstDocument(file.text) }, looseFile)
    const groups = loose.ok ? (loose.value.groups ?? []) : []
    return { problems: read.problems.map((problem) => told(problem, groups)), rules: 0, duplicates: [] }
  }
  const rules = read.value.flatMap((group) => group.rules ?? [])
  return { problems: [], rules: rules.length, duplicates: duplicatesOf(rules) }
}

/** A file of our own form. */
function checkRuleSet(file: ConfigFile, readYaml: YamlReader, options: RuleSetOptions): RuleFileVerdict {
  const read = readRuleSet(file, readYaml, options)
  if (!read.ok) return { problems: read.problems.map(formatProblem), rules: 0, duplicates: [] }
  const rules = read.value.flatMap((group) => group.rules)
  return { problems: [], rules: rules.length, duplicates: [] }
}

/** Group and rule by name and number, as people count them, in place of the path in the file. */
function told(problem: Problem, groups: LooseGroups): string {
  const { key } = problem.where
  const match = /^groups\[(\d+)\](?:\.rules\[(\d+)\])?\.?(.*)$/.exec(key ?? '')
  if (match === null) return formatProblem(problem)
  const group = groups[Number(match[1])]
  const parts = [`group ${JSON.stringify(shown(group?.name))}`]
  if (match[2] !== undefined) {
    const rule = group?.rules?.[Number(match[2])]
    parts.push(`rule ${Number(match[2]) + 1}`, JSON.stringify(shown(rule?.alert) || shown(rule?.record)))
  }
  if (match[3] !== '') parts.push(match[3] as string)
  // a whole rule or group as JSON before the reason helps nobody
  const message = problem.message.replace(/^"\{(?:[^"\\]|\\.)*": /, '')
  return formatProblem({ ...problem, message, where: { ...problem.where, key: parts.join(', ') } })
}

const shown = (name: unknown): string =>
  name === undefined || name === null ? '' : String(name instanceof PlainScalar ? name.text : name)

interface WrittenRule {
  readonly record?: string | null | undefined
  readonly alert?: string | null | undefined
  readonly labels?: Readonly<Record<string, string>> | null | undefined
}

function duplicatesOf(rules: readonly WrittenRule[]): DuplicateRule[] {
  const byText = new Map<string, { readonly rule: DuplicateRule; count: number }>()
  for (const { record, alert, labels } of rules) {
    const pairs = Object.entries(labels ?? {}).sort(([a], [b]) => compareUtf8(a, b))
    const rule = { name: alert || record || '', labels: pairs }
    const text = JSON.stringify([rule.name, pairs])
    const known = byText.get(text)
    if (known === undefined) byText.set(text, { rule, count: 1 })
    else known.count++
  }
  const repeated = [...byText.entries()].filter(([, { count }]) => count > 1)
  return repeated.sort(([a], [b]) => compareUtf8(a, b)).map(([, { rule }]) => rule)
}
