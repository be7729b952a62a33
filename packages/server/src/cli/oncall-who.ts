import { onCallNow, type ShiftItem } from '@tidewatch/api/oncall.ts'
import { AppError } from '@tidewatch/core/error.ts'
import type { Command } from './command.ts'
import { getOwn, remoteFlags } from './remote.ts'

export const oncallWho: Command = {
  name: 'oncall who',
  summary: 'Who is on call now, until when, and who comes next',
  usage: '[SCHEDULE] [--at TIME]',
  flags: [{ name: 'at', argument: 'TIME', help: 'RFC 3339; now when left out' }, ...remoteFlags],
  async run(call) {
    const { words, flags, out } = call
    const at = flags.get('at')
    const atMs = at === undefined ? undefined : Date.parse(at)
    if (Number.isNaN(atMs))
      throw new AppError('config.invalid', '--at is not a time.', { fix: 'Write one such as 2026-01-05T09:00:00Z' })
    const answer = await getOwn(call, `/api/tidewatch/v1/oncall/now${atMs === undefined ? '' : `?at=${atMs}`}`)
    const { schedules } = onCallNow.parse(answer)
    const wanted = schedules.filter(({ schedule }) => words.length === 0 || words.includes(schedule))
    if (wanted.length === 0)
      throw new AppError('state.not_found', 'there is no such schedule.', {
        fix: `There are: ${schedules.map(({ schedule }) => schedule).join(', ') || 'none; add one under oncall in tidewatch.yml'}.`,
      })
    const width = Math.max(...wanted.map(({ schedule }) => schedule.length))
    for (const { schedule, timeZone, now, next } of wanted) {
      const then = next === null ? '' : `; then ${nameOf(next)} from ${localTime(next.startMs, timeZone)}`
      out(`${schedule.padEnd(width)}  ${nameOf(now)} until ${localTime(now.endMs, timeZone)}${then} (${timeZone})`)
    }
    // for scripts: somebody is there, or not
    return wanted.every(({ now }) => now.person !== null) ? 0 : 1
  },
}

const nameOf = ({ person, override }: ShiftItem): string =>
  person === null ? 'NOBODY' : override === null ? person : `${person} (stands in)`

const localTime = (atMs: number, timeZone: string): string =>
  new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    dateStyle: undefined,
    day: '2-digit',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(atMs)
