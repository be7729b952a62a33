import { systemClock } from '@tidewatch/core/clock.ts'
import { parseDurationMs } from '@tidewatch/core/time.ts'
import type { CommandCall } from './command.ts'
import { getJson } from './remote.ts'

const minuteMs = 60_000

/** Since when the server keeps samples, a minute inside of its retention, which goes on while we work; undefined: everything is kept. */
export async function oldestKeptMs(call: CommandCall): Promise<number | undefined> {
  const { data } = await getJson<{ readonly data: { readonly storageRetention: string } }>(
    call,
    '/api/v1/status/runtimeinfo',
    {},
  )
  // a size may stand beside it
  const retentionMs = parseDurationMs(/^[0-9][0-9a-z]*/.exec(data.storageRetention)?.[0] ?? '')
  return retentionMs === undefined || retentionMs === 0 ? undefined : systemClock.nowMs() - retentionMs + minuteMs
}
