// What other settings of keeping would cost, and what would go at once.
import type { LogRetentionPreview } from '@tidewatch/api/log-settings.ts'
import { beyondLimits, type KeptLimits } from '@tidewatch/core/beyond-limits.ts'
import type { StoredLogDay } from '../../store/port.ts'

const dayMs = 86_400_000
/** Of so many whole days at most what a day takes is told. */
const mostDays = 7

/** How lines would be kept. */
export interface KeepingPlan {
  readonly limits: KeptLimits
  readonly classes: readonly {
    readonly services: readonly string[]
    readonly levels: readonly string[]
    /** 0: without an end. */
    readonly days: number
  }[]
  /** For lines of no class; 0: without an end. */
  readonly usualDays: number
  /** The class that a line is in; -1: none. */
  readonly classAt: (service: string, severity: number) => number
}

/** Lines of one source and severity. */
export interface LogShare {
  readonly service: string
  readonly severity: number
  readonly lines: number
}

export interface PreviewInput {
  /** Oldest first. */
  readonly days: readonly StoredLogDay[]
  /** Of the days of `costDays`. */
  readonly shares: readonly LogShare[]
  readonly now: KeepingPlan
  readonly wished: KeepingPlan
  readonly nowMs: number
  readonly isArchived: boolean
}

/** Whole days whose lines tell what a day takes: the newest, and none from which some class has gone already. */
export function costDays(days: readonly StoredLogDay[], plan: KeepingPlan, nowMs: number): readonly StoredLogDay[] {
  const today = Math.floor(nowMs / dayMs) * dayMs
  const shortest = [...plan.classes.map((one) => one.days), plan.usualDays].filter((kept) => kept > 0)
  const most = Math.max(1, Math.min(mostDays, ...shortest))
  const whole = [...new Set(days.filter(isKept).map((day) => day.dayMs))].filter((begin) => begin < today)
  const newest = new Set(whole.slice(-most))
  return days.filter((day) => isKept(day) && newest.has(day.dayMs))
}

const isKept = ({ restoredUntilMs }: StoredLogDay): boolean => restoredUntilMs === undefined

export function previewOf({ days, shares, now, wished, nowMs, isArchived }: PreviewInput): LogRetentionPreview {
  const goesNow = goneOf(days, now, nowMs)
  const goes = [...goneOf(days, wished, nowMs)].filter((day) => !goesNow.has(day))
  const begins = goes.map((day) => day.dayMs)
  const bytesPerDay = perDay(costDays(days, now, nowMs))
  const costs = costsOf(wished, shares, bytesPerDay)
  const nowBytes = inTheLongRun(now, costsOf(now, shares, bytesPerDay))
  const thenBytes = inTheLongRun(wished, costs)
  return {
    drops: {
      ...{ days: new Set(begins).size, lines: sum(goes, 'lines'), bytes: sum(goes, 'bytes') },
      ...(begins.length === 0 ? {} : { fromMs: Math.min(...begins), toMs: Math.max(...begins) + dayMs }),
    },
    keptBytes: sum(
      days.filter((day) => isKept(day) && !goesNow.has(day)),
      'bytes',
    ),
    ...{ ...defined('bytesPerDay', bytesPerDay), costs, isArchived },
    ...{ ...defined('nowBytes', nowBytes), ...defined('thenBytes', thenBytes) },
  }
}

function goneOf(days: readonly StoredLogDay[], { limits }: KeepingPlan, nowMs: number): ReadonlySet<StoredLogDay> {
  const { byAge, bySize } = beyondLimits(days, limits, nowMs)
  return new Set([...byAge, ...bySize].filter(isKept))
}

function perDay(days: readonly StoredLogDay[]): number | undefined {
  const count = new Set(days.map((day) => day.dayMs)).size
  return count === 0 ? undefined : sum(days, 'bytes') / count
}

type Cost = LogRetentionPreview['costs'][number]

/** By how many lines are in each class, taken for equally large. */
function costsOf(plan: KeepingPlan, shares: readonly LogShare[], bytesPerDay: number | undefined): Cost[] {
  const lines = new Map<number, number>()
  for (const share of shares) {
    const at = plan.classAt(share.service, share.severity)
    lines.set(at, (lines.get(at) ?? 0) + share.lines)
  }
  const all = sum(shares, 'lines')
  const cost = (at: number, days: number): Pick<Cost, 'days' | 'bytesPerDay' | 'bytes'> => {
    const part = all === 0 ? (at === -1 ? 1 : 0) : (lines.get(at) ?? 0) / all
    const ofDay = bytesPerDay === undefined ? undefined : bytesPerDay * part
    const bytes = ofDay === undefined || days === 0 ? undefined : ofDay * days
    return { days, ...defined('bytesPerDay', ofDay), ...defined('bytes', bytes) }
  }
  return [
    ...plan.classes.map(({ services, levels, days }, at) => ({
      ...{ services: [...services], levels: [...levels] },
      ...cost(at, days),
    })),
    { services: [], levels: [], ...cost(-1, plan.usualDays) },
  ]
}

/** All classes together, and no more than the size that they may have. */
function inTheLongRun({ limits: { sizeBytes } }: KeepingPlan, costs: readonly Cost[]): number | undefined {
  if (costs.some(({ bytesPerDay }) => bytesPerDay === undefined)) return undefined
  const isEndless = costs.some(({ bytes, bytesPerDay }) => bytes === undefined && bytesPerDay !== 0)
  const bytes = isEndless ? undefined : costs.reduce((total, cost) => total + (cost.bytes ?? 0), 0)
  return bytes === undefined || sizeBytes === undefined ? (bytes ?? sizeBytes) : Math.min(bytes, sizeBytes)
}

function sum<Key extends string>(rows: readonly { readonly [K in Key]: number }[], key: Key): number {
  return rows.reduce((total, row) => total + row[key], 0)
}

const defined = <Key extends string>(key: Key, value: number | undefined): { readonly [K in Key]?: number } =>
  value === undefined ? {} : ({ [key]: value } as { readonly [K in Key]?: number })
