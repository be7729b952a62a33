// Archived days of logs: which there are, one read to the terminal, and days back into the store.
import { errorAnswer } from '@tidewatch/api/error.ts'
import { type ArchivedDay, logArchive } from '@tidewatch/api/log-archive.ts'
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import { parseDurationMs } from '@tidewatch/core/time.ts'
import type { Command, CommandCall } from './command.ts'
import { baseUrl, bearer, deleteOwn, getOwn, postJson, remoteFlags } from './remote.ts'

const path = '/api/tidewatch/v1/logs/archive'
const dayMs = 86_400_000

export const logsArchive: Command = {
  name: 'logs archive',
  summary: 'Archived days of logs: list them, read one, restore it, drop it again',
  usage: 'list | read DAY | restore DAY [--for 7d] | drop DAY',
  flags: [
    { name: 'for', argument: 'DURATION', help: 'how long a restored day stays, in whole days', fallback: '7d' },
    ...remoteFlags,
  ],
  async run(call) {
    const [action = 'list', day, ...rest] = call.words
    if (rest.length > 0) throw wrongUse()
    if (action === 'list' && day === undefined) return list(call)
    if (day === undefined) throw wrongUse()
    const place = `${path}/${encodeURIComponent(day)}`
    switch (action) {
      case 'read':
        return read(call, `${place}/lines`)
      case 'restore':
        return restore(call, day, place)
      case 'drop':
        await deleteOwn(call, `${place}/restore`)
        call.out(`What was restored of ${day} is gone; the archive keeps it.`)
        return 0
      default:
        throw wrongUse()
    }
  },
}

const wrongUse = (): AppError =>
  new AppError('config.invalid', 'say what to do with which day.', {
    fix: 'tidewatch logs archive list; tidewatch logs archive read 2026-11-20; the same with restore and drop',
  })

async function list(call: CommandCall): Promise<number> {
  const state = logArchive.parse(await getOwn(call, path))
  if (state.place === undefined) {
    call.err('There is no archive: archive.logs of tidewatch.yml names a folder or a bucket.')
    return 1
  }
  call.out(`${state.place}: ${state.days.length} days, ${state.lines} lines, ${megabytes(state.bytes)}`)
  for (const day of state.days) call.out(`${day.day}  ${describe(day)}`)
  if (state.trouble !== undefined)
    call.err(`Archiving fails since ${new Date(state.trouble.sinceMs).toISOString()}: ${state.trouble.message}`)
  if (state.unread !== undefined) call.err(`The archive cannot be read: ${state.unread}`)
  return state.trouble === undefined && state.unread === undefined ? 0 : 1
}

function describe({ lines, bytes, isStored, restored }: ArchivedDay): string {
  const there = isStored ? ', in the store too' : ''
  return `${String(lines).padStart(12)} lines  ${megabytes(bytes).padStart(12)}${there}${restored === undefined ? '' : restoredText(restored)}`
}

function restoredText({ stage, lines, ofLines, untilMs, message }: NonNullable<ArchivedDay['restored']>): string {
  const until = new Date(untilMs).toISOString().slice(0, 10)
  switch (stage) {
    case 'done':
    case 'stored':
      return `, restored until ${until}`
    case 'failed':
      return `, could not be restored: ${message}`
    case 'waiting':
    case 'loading':
      return `, being restored: ${lines} of ${ofLines} lines${message === '' ? '' : ` (${message})`}`
    default:
      return stage satisfies never
  }
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

async function restore(call: CommandCall, day: string, place: string): Promise<number> {
  const text = call.flags.get('for') ?? '7d'
  const ms = parseDurationMs(text)
  if (ms === undefined || ms <= 0)
    throw new AppError('config.invalid', `--for ${quoteValue(text)} is not a duration.`, {
      fix: 'Write one such as 7d.',
    })
  await postJson(call, `${place}/restore`, JSON.stringify({ days: Math.ceil(ms / dayMs) }))
  call.out(
    `${day} is being restored; its lines are found by every search as they come. See: tidewatch logs archive list`,
  )
  return 0
}

async function read(call: CommandCall, place: string): Promise<number> {
  const url = new URL(place, baseUrl(call))
  const response = await fetch(url, { headers: bearer(call) }).catch((cause: unknown) => {
    throw new AppError('store.unavailable', `${url.origin} was not reached.`, {
      cause,
      fix: 'Is it running there? Name it with --url.',
    })
  })
  if (!response.ok || response.body === null) {
    const said = errorAnswer.safeParse(await response.json().catch(() => undefined))
    if (!said.success) throw new AppError('http.invalid', `${url.origin} answered ${response.status}.`)
    const { message, fix } = said.data.error
    throw new AppError('http.invalid', message, fix === undefined ? {} : { fix })
  }
  let rest = ''
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const cut = (rest + text).lastIndexOf('\n')
    if (cut !== -1) call.out((rest + text).slice(0, cut))
    rest = (rest + text).slice(cut + 1)
  }
  return 0
}
