import { formatDurationMs } from '@tidewatch/core/time.ts'
import { z } from 'zod'
import { compiled, defineRuleKind } from '../rule-kind.ts'
import { checkPromql, isSelector, overTime } from '../values/over-time.ts'
import { span, text } from '../written-scalars.ts'

const form = z
  .strictObject({
    /** A metric, or a value: every series of it that was there must go on. */
    value: text.optional(),
    /** A name under which somebody posts to /api/tidewatch/v1/heartbeats/NAME. */
    ping: text.refine((name) => heartbeatName.test(name), 'letters, digits, _, - and . up to 100.').optional(),
    every: span,
    grace: span.optional(),
    /** How long something that stopped is missed. */
    remember: span.optional(),
  })
  .refine(({ value, ping }) => (value === undefined) !== (ping === undefined), {
    message: 'say what is expected: value or ping.',
  })

/** What may stand in the address of a ping. */
export const heartbeatName = /^[a-zA-Z0-9_.-]{1,100}$/
/** Written at each ping: when it came, in Unix seconds. */
export const heartbeatMetric = 'tidewatch_heartbeat_timestamp_seconds'

const dayMs = 86_400_000

export const heartbeat = defineRuleKind({
  kind: 'heartbeat',
  title: 'Heartbeat',
  summary: 'Fires when a series or a ping that came regularly has stopped.',
  example: `- name: BackupMissed
  heartbeat: { ping: nightly-backup, every: 1d, grace: 1h }
  severity: high
  message: No backup for {{ $value | humanizeDuration }}`,
  schema: form,
  compile(written, { name, values, windowMs, by }) {
    const { every, ping, grace = Math.min(every, 5 * 60_000) } = written
    const lateMs = every + grace
    const remember = written.remember ?? Math.max(dayMs, 7 * lateMs)
    const annotations = { every: formatDurationMs(every), grace: formatDurationMs(grace) }
    const late = `${name}: nothing for more than ${formatDurationMs(lateMs)}`
    if (ping !== undefined) {
      const selector = `${heartbeatMetric}{name=${JSON.stringify(ping)}}`
      const last = overTime('last_over_time', selector, { rangeMs: remember, stepMs: every })
      const never = overTime('absent_over_time', selector, { rangeMs: remember, stepMs: every })
      return [
        compiled(`time() - max by (name) (${last}) > ${lateMs / 1000} or ${never} * ${remember / 1000}`, late, {
          annotations,
        }),
      ]
    }
    const query = values.read(written.value ?? '', { windowMs, by })
    checkPromql(query)
    const stretch = { stepMs: Math.max(15_000, Math.round(lateMs / 4)) }
    const before = overTime('last_over_time', query, { ...stretch, rangeMs: remember })
    const lately = overTime('last_over_time', query, { ...stretch, rangeMs: lateMs })
    // with no series at all there are no labels to go by but those that the selector names
    const none = isSelector(query)
      ? overTime('absent_over_time', query, { ...stretch, rangeMs: remember })
      : `absent(${before})`
    return [compiled(`(${before} unless ${lately}) or ${none}`, late, { annotations })]
  },
})
