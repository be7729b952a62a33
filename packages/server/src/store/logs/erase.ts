// Lines that are taken out for good: a lightweight delete, which the store makes certain before it answers and works off over its own restarts
// too; then their place on the disk is given back.
import { setTimeout } from 'node:timers/promises'
import { AppError } from '@tidewatch/core/error.ts'
import { identifier, literal } from '../literal.ts'
import type { RenderTarget, StoreClient } from '../port.ts'
import { logsTable } from '../tables/logs.ts'
import type { LogEraser } from './port.ts'
import { renderPredicate } from './render.ts'
import { rangeCondition } from './select.ts'

const pollMs = 25

export function createLogEraser(client: StoreClient, target: RenderTarget): LogEraser {
  const table = `${identifier(target.localName(logsTable.name))}${target.onCluster}`
  return {
    async erase(filter, { signal, waitMs }) {
      const { where, isExact } = renderPredicate(filter.predicate)
      if (!isExact)
        throw new AppError('internal.bug', 'Lines are to be erased by a condition that the store cannot decide')
      const condition = `${rangeCondition(filter)} AND ${where}`
      await client.command(`DELETE FROM ${table} WHERE ${condition} SETTINGS lightweight_deletes_sync = 0`, { signal })
      const isDone = await settled(client, target, { signal, waitMs })
      // parts that nothing was taken out of stay as they are
      await client.command(`ALTER TABLE ${table} APPLY DELETED MASK SETTINGS mutations_sync = 0`, { signal })
      return isDone
    },
  }
}

/** Whether what was asked for is worked off within the time. */
async function settled(
  client: StoreClient,
  target: RenderTarget,
  { signal, waitMs }: { readonly signal: AbortSignal; readonly waitMs: number },
): Promise<boolean> {
  const mutations =
    target.cluster === undefined
      ? 'system.mutations'
      : `clusterAllReplicas(${literal(target.cluster)}, system.mutations)`
  const name = literal(target.localName(logsTable.name))
  const sql = `SELECT latest_fail_reason AS reason FROM ${mutations} WHERE NOT is_done AND NOT is_killed AND database = currentDatabase() AND table = ${name} AND command LIKE '%_row_exists%'`
  for (let waitedMs = 0; ; waitedMs += pollMs) {
    const open = await client.query<{ readonly reason: string }>(sql, { signal })
    if (open.length === 0) return true
    const reason = open.find(({ reason: text }) => text !== '')?.reason
    if (reason !== undefined)
      throw new AppError('store.unavailable', `the store cannot work a deletion off: ${reason.slice(0, 300)}`)
    if (waitedMs >= waitMs) return false
    await setTimeout(pollMs, undefined, { signal })
  }
}
