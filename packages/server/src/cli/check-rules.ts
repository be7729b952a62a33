import { AppError } from '@tidewatch/core/error.ts'
import { checkRuleFile, type RuleFileVerdict } from '../alerting/rules/check-file.ts'
import { readWrittenYaml } from '../config/yaml.ts'
import type { Command } from './command.ts'
import { readInputText } from './input-text.ts'
import { lintChecks, lintExit, lintFatalFlag } from './lint-options.ts'
import { ruleFlags, ruleOptions } from './rule-options.ts'

export const checkRules: Command = {
  name: 'check rules',
  summary: 'Check rule files: form, expressions, templates, rules that stand there twice',
  usage: 'FILE...',
  flags: [
    { name: 'lint', argument: 'all|none|duplicate-rules', help: 'what is looked for beside faults', fallback: 'all' },
    lintFatalFlag,
    ...ruleFlags,
  ],
  async run(call) {
    const { words, flags, out, err } = call
    const options = ruleOptions(call)
    const lint = lintChecks(flags.get('lint') ?? 'all', ['duplicate-rules'])
    const names = words.length > 0 ? words : ['-']
    let hasFaults = false
    let hasLint = false
    for (const name of names) {
      const label = name === '-' ? 'standard input' : name
      const verdict = await verdictOf(name, (text) =>
        checkRuleFile({ name: label, path: name, text }, readWrittenYaml, options),
      )
      hasFaults ||= verdict.problems.length > 0
      out(`Checking ${label}`)
      const complaints = lint.has('duplicate-rules') ? duplicateTexts(verdict.duplicates) : []
      hasLint ||= complaints.length > 0
      const failures = [...verdict.problems, ...complaints]
      if (failures.length === 0) out(`  SUCCESS: ${verdict.rules} rules found`)
      else err(['  FAILED:', ...failures].join('\n'))
    }
    if (hasFaults) return 1
    return hasLint && flags.has('lint-fatal') ? lintExit : 0
  },
}

/** A file that cannot be read does not keep the others from being checked. */
async function verdictOf(name: string, check: (text: string) => RuleFileVerdict): Promise<RuleFileVerdict> {
  try {
    return check(await readInputText(name))
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'config.unreadable') throw error
    return { problems: [error.message], rules: 0, duplicates: [] }
  }
}

/** Rules that stand there twice, in promtool's words. */
export function duplicateTexts(duplicates: RuleFileVerdict['duplicates']): string[] {
  if (duplicates.length === 0) return []
  const each = duplicates.map(({ name, labels }) =>
    [`Metric: ${name}`, 'Label(s):', ...labels.map(([label, value]) => `\t${label}: ${value}`)].join('\n'),
  )
  const head = `lint error ${duplicates.length} duplicate rule(s) found.`
  return [[head, ...each, 'Might cause inconsistency while recording expressions'].join('\n')]
}
