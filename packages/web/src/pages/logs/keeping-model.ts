// The settings of keeping as they are typed, and what a preview says in words. No React here.
import {
  type LogArchiveWish,
  type LogIndexName,
  type LogIndexSetting,
  type LogRetentionPreview,
  type LogRetentionRule,
  type LogRetentionWish,
  type LogSettings,
  optionalLogIndexes,
} from '@tidewatch/api/log-settings.ts'
import { formatDay } from '../../ui/times.ts'
import { formatNumber, formatValue } from '../../ui/units.ts'
import { daysText } from './storage-model.ts'

/** One rule as it is typed: names between commas. */
export interface RuleDraft {
  readonly id: number
  readonly services: string
  readonly levels: string
  readonly age: string
}

export interface KeepingDraft {
  readonly age: string
  readonly size: string
  readonly rules: readonly RuleDraft[]
}

export function draftOf({ age, size, classes = [] }: LogRetentionWish): KeepingDraft {
  const rules = classes.map(({ service = [], level = [], age: kept }, id) => ({
    ...{ id, age: kept },
    ...{ services: service.join(', '), levels: level.join(', ') },
  }))
  return { age: age ?? '', size: size ?? '', rules }
}

export const newRule = ({ rules }: KeepingDraft): RuleDraft => ({
  id: 1 + Math.max(-1, ...rules.map(({ id }) => id)),
  ...{ services: '', levels: '', age: '' },
})

/** What is left empty the page does not decide. */
export function wishOf({ age, size, rules }: KeepingDraft): LogRetentionWish {
  const classes = rules.map((rule): LogRetentionRule => {
    const [service, level] = [namesOf(rule.services), namesOf(rule.levels)]
    return {
      ...(service.length === 0 ? {} : { service }),
      ...(level.length === 0 ? {} : { level }),
      age: rule.age.trim(),
    }
  })
  return {
    ...(age.trim() === '' ? {} : { age: age.trim() }),
    ...(size.trim() === '' ? {} : { size: size.trim() }),
    ...(classes.length === 0 ? {} : { classes }),
  }
}

const namesOf = (text: string): string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')

type Source = Pick<LogSettings['archive'], 'from' | 'place'>

/** Where what is in force comes from. */
export function sourceText({ from, place }: Source, otherwise: string): string {
  switch (from) {
    case 'file':
      return `${place ?? 'tidewatch.yml'} says so, and goes first`
    case 'page':
      return 'set here'
    case 'flag':
      return 'by --retention'
    case 'none':
      return otherwise
    default:
      return from satisfies never
  }
}

/** What goes at once, before it is confirmed. */
export function dropText({ drops, isArchived }: LogRetentionPreview): string {
  const { days, lines, bytes, fromMs, toMs } = drops
  if (days === 0 || fromMs === undefined || toMs === undefined) return 'Nothing goes at once.'
  const last = formatDay(toMs - 1, 'utc')
  const span = days === 1 ? last : `${formatDay(fromMs, 'utc')} to ${last}`
  const what = `${daysText(days)} (${span}) with ${formatNumber(lines)} ${lines === 1 ? 'line' : 'lines'}, ${formatValue(bytes, 'bytes')} on disk`
  return `${what}, go at once${isArchived ? ', each as soon as the archive has it' : ' and for good'}.`
}

/** What it takes in the long run, against the settings in force. */
export function costText({ bytesPerDay, nowBytes, thenBytes }: LogRetentionPreview): string {
  if (bytesPerDay === undefined) return 'What it takes in the long run is known after one whole day.'
  const perDay = `A day takes about ${formatValue(bytesPerDay, 'bytes')}.`
  if (thenBytes === undefined) return `${perDay} Something is kept without an end, so it takes more each day.`
  const then = `${perDay} In the long run it takes about ${formatValue(thenBytes, 'bytes')}`
  if (nowBytes === undefined) return `${then}; as it is now it grows without an end.`
  const saved = nowBytes - thenBytes
  if (Math.abs(saved) < 0.005 * nowBytes) return `${then}, as now.`
  return `${then}: ${formatValue(Math.abs(saved), 'bytes')} ${saved > 0 ? 'less' : 'more'} than by the settings in force.`
}

/** An archive as it is typed. */
export interface ArchiveDraft {
  readonly kind: 'folder' | 's3'
  readonly folder: string
  readonly bucket: string
  readonly region: string
  readonly endpoint: string
  readonly prefix: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly after: string
  readonly hold: string
}

export function archiveDraftOf({ folder, s3, after, hold }: LogArchiveWish): ArchiveDraft {
  return {
    kind: s3 === undefined ? 'folder' : 's3',
    ...{ folder: folder ?? '', bucket: s3?.bucket ?? '', region: s3?.region ?? '', endpoint: s3?.endpoint ?? '' },
    ...{ prefix: s3?.prefix ?? '', accessKeyId: s3?.accessKeyId ?? '', secretAccessKey: '' },
    ...{ after: after ?? '', hold: hold ?? '' },
  }
}

export function archiveWishOf(draft: ArchiveDraft): LogArchiveWish {
  const { kind, folder, bucket, after, hold } = draft
  const { region, endpoint, prefix, accessKeyId, secretAccessKey } = draft
  return {
    ...(kind === 'folder'
      ? { folder: folder.trim() }
      : { s3: { bucket: bucket.trim(), ...filled({ region, endpoint, prefix, accessKeyId, secretAccessKey }) } }),
    ...filled({ after, hold }),
  }
}

function filled<Key extends string>(texts: Readonly<Record<Key, string>>): { readonly [K in Key]?: string } {
  const entries = Object.entries<string>(texts).map(([key, text]) => [key, text.trim()] as const)
  return Object.fromEntries(entries.filter(([, text]) => text !== '')) as { readonly [K in Key]?: string }
}

/** What an index is, and which searches it is for. */
export const indexTexts: Readonly<Record<LogIndexName, { readonly title: string; readonly serves: string }>> = {
  words: { title: 'Words of messages', serves: 'searches for words and phrases in messages' },
  names: { title: 'Names of fields', serves: 'searches for lines that have a field, and patterns of names' },
  ids: {
    title: 'Ids',
    serves: 'searches for one trace, span, request, session, user, wallet, contract or transaction',
  },
}

/** How it stands with an index. */
export function stageText({ name, stage, partsToDo, formerBytes, message }: LogIndexSetting): string {
  const left = partsToDo === 0 ? '' : `, ${partsToDo} ${partsToDo === 1 ? 'part' : 'parts'} to do`
  switch (stage) {
    case 'on':
      return optionalLogIndexes.some((one) => one === name) ? 'on' : 'always on'
    case 'off':
      return formerBytes === undefined ? 'off' : `off; it took ${formatValue(formerBytes, 'bytes')}`
    case 'building':
      return `is built${left}`
    case 'clearing':
      return `goes${left}`
    case 'failing':
      return `fails, and is tried again: ${message}`
    default:
      return stage satisfies never
  }
}
