// Thresholds by environment variables alone: ALERT_RESPONSE_TIME_WARNING=500 and its like make rules as a file would.
import type { Problem } from '@tidewatch/core/error.ts'
import { quoteValue } from '@tidewatch/core/error.ts'
import type { ConfigFile, YamlReader } from '../../config/port.ts'
import type { RuleGroup } from './rule-file.ts'
import { type RuleSetOptions, readRuleSet } from './rule-set-file.ts'

/** By the variable's stem; what is written is divided by `scale`. */
const checks = [
  { stem: 'ALERT_RESPONSE_TIME', value: 'response_time', scale: 1000, unit: 'ms' },
  { stem: 'ALERT_ERROR_RATE', value: 'error_rate', scale: 100, unit: '%' },
  { stem: 'ALERT_MEMORY_USAGE', value: 'memory_usage', scale: 1, unit: '%' },
] as const
const levels = ['warning', 'critical'] as const

type Environment = Readonly<Record<string, string | undefined>>

/** Undefined where no variable is set. */
export function readEnvironmentRules(
  env: Environment,
  readYaml: YamlReader,
  options: RuleSetOptions,
):
  | { readonly file: ConfigFile; readonly groups: readonly RuleGroup[]; readonly problems: readonly Problem[] }
  | undefined {
  const problems: Problem[] = []
  const rules = checks.flatMap(({ stem, value, scale, unit }) => {
    const limits = levels.flatMap((level) => {
      const name = `${stem}_${level.toUpperCase()}`
      const written = env[name]
      if (written === undefined || written === '') return []
      const number = Number(written)
      if (Number.isFinite(number) && number > 0) return [`${level}: ${number / scale}`]
      problems.push({
        message: `${quoteValue(written)} is not a number above 0.`,
        where: { key: name },
        fix: `Write it without its unit, in ${unit}.`,
      })
      return []
    })
    if (limits.length === 0) return []
    return [`  - name: ${value}\n    threshold: { value: ${value}, above: { ${limits.join(', ')} } }\n    window: 5m\n`]
  })
  if (rules.length === 0 && problems.length === 0) return undefined
  const file = { name: 'environment', path: 'environment', text: `rules:\n${rules.join('')}` }
  if (rules.length === 0 || problems.length > 0) return { file, groups: [], problems }
  const read = readRuleSet(file, readYaml, options)
  return { file, groups: read.ok ? read.value : [], problems: read.ok ? [] : read.problems }
}
