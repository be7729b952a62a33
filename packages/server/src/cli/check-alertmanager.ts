import { resolve } from 'node:path'
import { readAlertmanagerConfig } from '@tidewatch/alertmanager/config.ts'
import type { AlertmanagerConfig, MatcherMode } from '@tidewatch/alertmanager/port.ts'
import { AppError, formatProblem, quoteValue } from '@tidewatch/core/error.ts'
import { readAlertmanagerSetup } from '../app/alertmanager-file.ts'
import type { Command, CommandCall } from './command.ts'
import { readInputText } from './input-text.ts'

const features: Readonly<Record<string, MatcherMode>> = { 'classic-mode': 'classic', 'utf8-strict-mode': 'utf8' }

export const checkAlertmanager: Command = {
  name: 'check alertmanager',
  summary: 'Check alertmanager.yml as amtool does, and whether all of its receivers can be reached from here',
  usage: 'FILE...',
  flags: [
    {
      name: 'enable-feature',
      argument: Object.keys(features).join('|'),
      help: "Alertmanager's flag: how matchers and names of labels are read",
    },
  ],
  async run(call) {
    const mode = modeOf(call)
    const names = call.words.length > 0 ? call.words : ['-']
    let failed = 0
    for (const name of names) if (!(await isFine(name, mode, call))) failed++
    if (failed > 0)
      call.err(`${failed} of ${names.length} ${names.length === 1 ? 'file' : 'files'} would not be started.`)
    return failed > 0 ? 1 : 0
  },
}

function modeOf({ flags }: CommandCall): MatcherMode {
  const feature = flags.get('enable-feature')
  if (feature === undefined) return 'fallback'
  const mode = features[feature]
  if (mode !== undefined) return mode
  throw new AppError('config.invalid', `--enable-feature is ${quoteValue(feature)}.`, {
    fix: `Allowed: ${Object.keys(features).join(', ')}.`,
  })
}

/** First what amtool says of the file, then what Tidewatch has to say of sending by it. */
async function isFine(name: string, mode: MatcherMode, { out, err }: CommandCall): Promise<boolean> {
  const label = name === '-' ? 'standard input' : name
  out(`Checking ${label}`)
  let file: { readonly name: string; readonly path: string; readonly text: string }
  try {
    file = { name: label, path: resolve(name), text: await readInputText(name) }
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'config.unreadable') throw error
    err(`  FAILED:\n${error.message}`)
    return false
  }
  const read = readAlertmanagerConfig(file, { mode })
  if (!read.ok) {
    err(['  FAILED:', ...read.problems.map(formatProblem)].join('\n'))
    return false
  }
  out(['  SUCCESS', ...foundIn(read.config)].join('\n'))
  const setup = readAlertmanagerSetup(file, mode)
  if (!setup.ok) err(['  Tidewatch cannot send by it:', ...setup.problems.map(formatProblem)].join('\n'))
  return setup.ok
}

/** In amtool's words. */
const foundIn = ({ inhibitRules, receivers, templates }: AlertmanagerConfig): string[] => [
  'Found:',
  ' - global config',
  ' - route',
  ` - ${inhibitRules.length} inhibit rules`,
  ` - ${receivers.size} receivers`,
  ` - ${templates.length} templates`,
]
