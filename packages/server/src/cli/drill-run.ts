import { type DrillRunItem, drillRun } from '@tidewatch/api/drills.ts'
import { systemClock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import type { Command } from './command.ts'
import { getOwn, postJson, remoteFlags } from './remote.ts'

const base = '/api/tidewatch/v1/drills'
const lookEveryMs = 1000

export const drillRunCommand: Command = {
  name: 'drill run',
  summary: 'A fire drill now: an alert goes the whole way, and somebody has to take it',
  usage: 'NAME',
  flags: [...remoteFlags],
  async run(call) {
    const { words, out } = call
    const [name] = words
    if (name === undefined || words.length > 1)
      throw new AppError('config.invalid', 'name one drill.', { fix: 'They stand under drills in tidewatch.yml.' })
    let run = drillRun.parse(await postJson(call, `${base}/${encodeURIComponent(name)}/run`, '{}'))
    out(`The drill ${name} has begun. Its alert is on the way.`)
    const told = new Set<string>()
    for (;;) {
      for (const line of linesOf(run)) {
        if (!told.has(line)) out(line)
        told.add(line)
      }
      if (run.status !== 'running') return run.status === 'passed' ? 0 : 1
      await systemClock.sleep(lookEveryMs)
      run = drillRun.parse(await getOwn(call, `${base}/runs/${run.id}`))
    }
  },
}

const after = (run: DrillRunItem, atMs: number): string => `${((atMs - run.startedAtMs) / 1000).toFixed(1)} s`

/** All there is to tell so far; each line stays the same. */
function linesOf(run: DrillRunItem): string[] {
  const lines = run.deliveries.map(({ integration, outcome, atMs }) => `${after(run, atMs)}: ${integration} ${outcome}`)
  if (run.acknowledgedAtMs !== null)
    lines.push(`${after(run, run.acknowledgedAtMs)}: taken by ${run.acknowledgedBy}. Passed.`)
  if (run.status === 'missed') lines.push(`Missed: ${run.reason}`)
  return lines
}
