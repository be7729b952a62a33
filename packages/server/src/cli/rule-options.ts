// Flags that the commands on rule files share.
import { resolve } from 'node:path'
import { AppError, formatProblem, quoteValue } from '@tidewatch/core/error.ts'
import type { Expr } from '@tidewatch/promql/ast.ts'
import { expressionFeatures, requireFeatures } from '@tidewatch/promql/feature-flags.ts'
import { z } from 'zod'
import { valuesSection } from '../alerting/rules/rules-config.ts'
import type { WrittenValues } from '../alerting/rules/values/named-values.ts'
import { readConfigFile } from '../config/discover.ts'
import type { Flag } from '../config/flags.ts'
import { readYaml } from '../config/yaml.ts'
import { allValues, type CommandCall } from './command.ts'

export const ruleFlags: readonly Flag[] = [
  {
    name: 'prometheus',
    argument: undefined,
    help: 'judge as Prometheus 3.5 does: what it keeps behind flags is refused',
  },
  {
    name: 'enable-feature',
    argument: 'NAMES',
    help: 'with --prometheus: features that are on there, comma-separated; may be repeated',
  },
  { name: 'ignore-unknown-fields', argument: undefined, help: 'pass over keys that nobody knows' },
  { name: 'values', argument: 'FILE', help: 'the tidewatch.yml that says under values: what names in conditions are' },
]

/** How expressions and files are to be judged. Throws `config.invalid` for an unknown feature. */
export function ruleOptions(call: CommandCall): {
  readonly prometheus: boolean
  readonly ignoreUnknownFields: boolean
  readonly judge: (expr: Expr, text: string) => void
  readonly values: WrittenValues
} {
  const prometheus = call.flags.has('prometheus')
  const names = allValues(call.rawArgs, 'enable-feature').flatMap((value) => value.split(','))
  if (names.length > 0 && !prometheus)
    throw new AppError('config.invalid', '--enable-feature goes with --prometheus: without it all of them are on.', {
      where: { key: '--enable-feature' },
    })
  for (const name of names) checkFeature(name)
  const enabled = new Set(names)
  return {
    values: readValues(call.flags.get('values')),
    prometheus,
    ignoreUnknownFields: call.flags.has('ignore-unknown-fields'),
    judge: prometheus ? (expr, text) => requireFeatures(expr, text, enabled) : () => undefined,
  }
}

const looseFile = z.looseObject({ values: valuesSection.schema })

/** Throws `config.unreadable`, and `config.invalid` with everything that is wrong with them. */
function readValues(path: string | undefined): WrittenValues {
  if (path === undefined) return {}
  const read = readYaml(readConfigFile(resolve(path), process.cwd()), looseFile)
  if (read.ok) return read.value.values
  throw new AppError('config.invalid', read.problems.map(formatProblem).join('\n'))
}

/** Features of Prometheus that change nothing about expressions may be named too: the flag is copied from its command line. */
function checkFeature(name: string): void {
  if (!/^[a-z0-9-]+$/.test(name))
    throw new AppError('config.invalid', `--enable-feature has ${quoteValue(name)}, no name of a feature.`, {
      where: { key: '--enable-feature' },
      fix: `Those that change expressions: ${expressionFeatures.join(', ')}.`,
    })
}
