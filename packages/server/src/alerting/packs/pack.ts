// A ready set of rules: a rule file with parameters. Nothing of it is in force until somebody chooses it.
import type { RulePackParameter } from '@tidewatch/api/rule-packs.ts'
import { AppError, formatProblem, quoteValue } from '@tidewatch/core/error.ts'
import { severityOf } from '@tidewatch/core/severity.ts'
import { parseDurationMs } from '@tidewatch/core/time.ts'
import { parse } from '@tidewatch/promql/parse.ts'
import type { YamlReader } from '../../config/port.ts'
import type { RuleGroup } from '../rules/rule-file.ts'
import { readRules } from '../rules/rule-source.ts'

export interface RulePack {
  readonly name: string
  readonly title: string
  readonly summary: string
  readonly parameters: readonly Omit<RulePackParameter, 'value'>[]
  /** A rule file of either form; `<<name>>` stands for a parameter. */
  readonly text: string
}

export type PackParameters = Readonly<Record<string, string>>

const checks: Readonly<Record<RulePackParameter['kind'], { isRight: (value: string) => boolean; asked: string }>> = {
  metric: { isRight: (value) => /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(value), asked: 'a name of a metric' },
  selector: { isRight: isSelector, asked: 'matchers without braces, such as job="api"' },
  number: { isRight: (value) => value.trim() !== '' && Number.isFinite(Number(value)), asked: 'a number' },
  duration: { isRight: (value) => (parseDurationMs(value) ?? 0) > 0, asked: 'a duration such as 5m' },
  severity: { isRight: (value) => severityOf(value) !== undefined, asked: 'a severity such as critical or warning' },
}

function isSelector(value: string): boolean {
  if (value.trim() === '') return true
  if (/[\n\r]/.test(value)) return false
  try {
    const expr = parse(`x{${value}}`)
    return expr.kind === 'vector_selector' && expr.offset === undefined && expr.at === undefined
  } catch {
    // it is told what would be right
    return false
  }
}

/** What is in force of each parameter. Throws `http.invalid` for one that there is not, or that is none of its kind. */
export function parametersOf(pack: RulePack, chosen: PackParameters): PackParameters {
  const names = pack.parameters.map(({ name }) => name)
  const unknown = Object.keys(chosen).find((name) => !names.includes(name))
  if (unknown !== undefined)
    throw new AppError('http.invalid', `the pack ${pack.name} has no parameter ${quoteValue(unknown)}.`, {
      where: { key: `parameters.${unknown}` },
      fix: `It has ${names.join(', ')}.`,
    })
  return Object.fromEntries(
    pack.parameters.map(({ name, kind, fallback }) => {
      const value = chosen[name] ?? fallback
      const { isRight, asked } = checks[kind]
      if (isRight(value)) return [name, value.trim()]
      throw new AppError('http.invalid', `${quoteValue(value)} is not ${asked}.`, {
        where: { key: `parameters.${name}` },
      })
    }),
  )
}

/** The pack's rule file. Throws `http.invalid` as `parametersOf`. */
export function packText(pack: RulePack, chosen: PackParameters): string {
  const values = parametersOf(pack, chosen)
  return pack.text.replaceAll(/<<([a-z_]+)>>/g, (_, name: string) => values[name] ?? '')
}

export const packFile = ({ name }: Pick<RulePack, 'name'>): string => `packs/${name}`

/** Throws `http.invalid` for parameters that make no rules. */
export function packGroups(pack: RulePack, chosen: PackParameters, readYaml: YamlReader): readonly RuleGroup[] {
  const name = packFile(pack)
  const read = readRules({ name, path: name, text: packText(pack, chosen) }, readYaml)
  if (read.ok) return read.value
  throw new AppError('http.invalid', read.problems.map(formatProblem).join('\n'), { where: { key: 'parameters' } })
}

/** The parameters that most packs share. */
export const selector = (title: string, fallback = ''): RulePack['parameters'][number] => ({
  ...{ name: 'selector', title, kind: 'selector', fallback },
})
export const metric = (name: string, title: string, fallback: string): RulePack['parameters'][number] => ({
  ...{ name, title, kind: 'metric', fallback },
})
