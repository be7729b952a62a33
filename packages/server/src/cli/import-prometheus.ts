import { AppError } from '@tidewatch/core/error.ts'
import type { Command } from './command.ts'
import { checkDirectory } from './import-directory.ts'
import { historyFlags, runImport } from './import-history.ts'
import { remoteFlags } from './remote.ts'

export const importPrometheus: Command = {
  name: 'import prometheus',
  summary: "Say what of a Prometheus's directory will work here; bring the past of a running Prometheus along",
  usage: 'DIR [--json] | --from URL [--start TIME] [--end TIME] [--match SELECTOR]',
  flags: [{ name: 'json', argument: undefined, help: 'of a directory: as JSON' }, ...historyFlags, ...remoteFlags],
  async run(call) {
    const { words, flags } = call
    const isHistory = flags.has('from')
    if (isHistory === words.length > 0 || words.length > 1)
      throw new AppError('config.invalid', 'name either a directory or a running Prometheus.', {
        fix: 'tidewatch import prometheus ./monitoring, or: tidewatch import prometheus --from http://prometheus:9090 --start 2026-01-01T00:00:00Z',
      })
    return isHistory ? runImport(call) : checkDirectory(call, words[0] as string)
  },
}
