// Deploys: found in the lines that are stored, and told over HTTP.
import type { Clock } from '@tidewatch/core/clock.ts'
import { DeployBook } from '../features/deploys/deploys.ts'
import { createDeployRows, type DeployTables } from '../features/deploys/state.ts'
import type { LogIntake } from '../ingest/port.ts'
import type { Metrics, TaskGroup } from '../self/port.ts'
import type { StateStore } from '../state/port.ts'
import { followCounter } from './parts-metrics.ts'

export interface DeploysOptions {
  readonly state: StateStore
  readonly intake: Pick<LogIntake, 'subscribe'>
  readonly self: { readonly metrics: Metrics; readonly tasks: TaskGroup }
  readonly clock: Clock
}

export function openDeploys({ state, intake, self: { metrics, tasks }, clock }: DeploysOptions): DeployBook {
  const deploys = new DeployBook(createDeployRows(state.database<DeployTables>()), clock)
  intake.subscribe((project, batch) => deploys.see(project, batch))
  tasks.run('deploys', (signal) => deploys.run(signal), { restart: true })
  const { stats } = deploys
  const lines = 'Deploys that were found in lines of logs: a release that its service had not named there before.'
  followCounter(metrics, 'tidewatch_deploys_found_total', lines, () => stats.found.lines)
  const told = 'Deploys that somebody told by HTTP.'
  followCounter(metrics, 'tidewatch_deploys_told_total', told, () => stats.found.told)
  const ignored = 'New releases in lines of logs that count as no deploys, since a service named too many in a day.'
  followCounter(metrics, 'tidewatch_deploys_ignored_total', ignored, () => stats.ignored)
  return deploys
}
