// How noisy a rule would have been, and what would have made it quieter: counted over its own episodes. No React here.
import type { BacktestEpisode, BacktestedRule, BacktestReport } from '@tidewatch/api/backtest.ts'
import type { State } from '../../../ui/glyph.tsx'
import { formatSeconds } from '../../../ui/units.ts'

export interface NoiseEstimate {
  readonly word: 'silent' | 'quiet' | 'busy' | 'noisy'
  readonly state: State
  /** Why, in a few words. */
  readonly why: string
  /** What to change, and what that would have spared. */
  readonly proposal: string | undefined
}

const weekMs = 7 * 86_400_000
const minuteMs = 60_000
const triedMs = [2, 5, 10, 15, 30].map((minutes) => minutes * minuteMs)

/** Below this many, half of them short is chance. */
const fewest = 3
/** Pages a week of one rule: more than one a day is noise, more than two a week is work. */
const noisyAWeek = 7
const busyAWeek = 2
/** So many pages for each time it fired are mostly repeats. */
const repeatsPerAlert = 4

export function noiseOf(rule: BacktestedRule, report: BacktestReport): NoiseEstimate {
  const { fired, shortLived, pages } = rule
  if (fired === 0) return { word: 'silent', state: 'fine', why: 'never fired', proposal: undefined }
  const weeks = Math.max((report.endMs - report.startMs) / weekMs, 1 / 7)
  const isShort = fired >= fewest && shortLived * 2 >= fired
  const aWeek = pages / weeks
  const why = isShort
    ? `${shortLived} of ${fired} ended within 5 min`
    : `${aWeek < 10 ? Number(aWeek.toPrecision(2)) : Math.round(aWeek)} pages a week`
  if (!isShort && aWeek <= busyAWeek) return { word: 'quiet', state: 'fine', why, proposal: undefined }
  const isNoisy = isShort || aWeek > noisyAWeek
  return {
    word: isNoisy ? 'noisy' : 'busy',
    state: isNoisy ? 'warning' : 'info',
    why,
    proposal: proposalFor(rule, report) ?? (isNoisy ? withoutWaiting(rule) : undefined),
  }
}

/** Where no wait would help. */
const withoutWaiting = ({ pages, fired }: BacktestedRule): string =>
  pages > fired * repeatsPerAlert
    ? 'It fires for long and most pages are repeats: end the cause, or repeat later'
    : 'It fires often and for long: move its limit, or end the cause'

/** The shortest wait that spares at least a third, before or after: whichever spares more. */
function proposalFor({ group, rule, fired }: BacktestedRule, report: BacktestReport): string | undefined {
  const own = report.firstEpisodes.filter((episode) => episode.group === group && episode.rule === rule)
  // where not all are listed, those that are stand for the rest
  const [longer, joined] = [longerFor(own), keptFiring(own)]
  const best = longer.spared >= joined.spared ? longer : joined
  if (best.spared < 2 || best.spared * 3 < own.length) return undefined
  const share = own.length === fired ? '' : 'of those listed, '
  const spared = `${share}${best.spared} of ${own.length} would not have begun`
  const wait = formatSeconds(best.waitMs / 1000)
  return best === longer ? `Make for ${wait} longer: ${spared}` : `Set keep_firing_for to ${wait}: ${spared}`
}

interface Spared {
  readonly waitMs: number
  readonly spared: number
}

const none: Spared = { waitMs: 0, spared: 0 }

/** The first wait that spares half; else the one that spares most. */
function bestOf(countAt: (waitMs: number) => number, total: number): Spared {
  let best = none
  for (const waitMs of triedMs) {
    const spared = countAt(waitMs)
    if (spared > best.spared) best = { waitMs, spared }
    if (spared * 2 >= total) break
  }
  return best
}

const longerFor = (own: readonly BacktestEpisode[]): Spared =>
  bestOf(
    (waitMs) =>
      own.filter(({ firedAtMs, endedAtMs }) => endedAtMs !== undefined && endedAtMs - firedAtMs < waitMs).length,
    own.length,
  )

/** Episodes of one alert that follow another so soon that it would have gone on. */
function keptFiring(own: readonly BacktestEpisode[]): Spared {
  const gapsMs = [...Map.groupBy(own, ({ labels }) => JSON.stringify(labels)).values()].flatMap((episodes) =>
    episodes.flatMap(({ activeAtMs }, i) => {
      const before = episodes[i - 1]?.endedAtMs
      return before === undefined ? [] : [activeAtMs - before]
    }),
  )
  return bestOf((waitMs) => gapsMs.filter((gapMs) => gapMs < waitMs).length, own.length)
}
