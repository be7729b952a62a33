// `--lint` as promtool has it: names with commas between, of which none stands alone.
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import type { Flag } from '../config/flags.ts'

/** All is well but for what lint was asked to find fatal: as promtool ends. */
export const lintExit = 3

export const lintFatalFlag: Flag = {
  name: 'lint-fatal',
  argument: undefined,
  help: `what lint finds ends with exit code ${lintExit}`,
}

/** The checks that are wanted, out of `known`. Throws `config.invalid` for another name. */
export function lintChecks<Name extends string>(text: string, known: readonly Name[]): ReadonlySet<Name> {
  const names = text.split(',').map((name) => name.trim())
  const allowed = ['all', 'none', ...known]
  const wrong =
    names.find((name) => !allowed.includes(name)) ?? (names.length > 1 && names.includes('none') ? text : undefined)
  if (wrong !== undefined)
    throw new AppError('config.invalid', `--lint is ${quoteValue(wrong)}.`, {
      where: { key: '--lint' },
      fix: `Allowed: all, none, or any of ${known.join(', ')} with commas between.`,
    })
  return new Set(known.filter((name) => names.includes('all') || names.includes(name)))
}
