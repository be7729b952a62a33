// Which alerts a silence matches, and which silences are good.
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import type { Labels } from '@tidewatch/core/labels.ts'
import { isLabelName } from './label-name.ts'
import { fromApiMatcher, matchesLabels } from './matcher.ts'
import type { ApiMatcher, LabelMatcher, MatcherMode, SilenceDraft } from './port.ts'

/** Throws `alerts.bad_silence` for a name, value or expression that is none. */
export function validateMatcher(matcher: ApiMatcher, mode: MatcherMode): LabelMatcher {
  if (!isLabelName(matcher.name, mode)) throw bad(`${quoteValue(matcher.name)} is not a label name.`)
  if (!matcher.value.isWellFormed()) throw bad(`the value for ${quoteValue(matcher.name)} is not UTF-8 text.`)
  try {
    return fromApiMatcher(matcher)
  } catch (error) {
    throw error instanceof AppError ? bad(error.message) : error
  }
}

/** The sets of matchers, ready to match. Throws `alerts.bad_silence` with the first fault; whether the end is over is not asked here. */
export function validateSilence(silence: SilenceDraft, mode: MatcherMode): LabelMatcher[][] {
  const { startsAtMs, endsAtMs, matcherSets } = silence
  if (matcherSets.length === 0) throw bad('it has no matchers.', 'Name at least one.')
  const sets = matcherSets.map((set, i) => validateSet(set, i, matcherSets.length, mode))
  if (!isTime(startsAtMs)) throw bad('it has no start.', 'Give startsAt.')
  if (!isTime(endsAtMs)) throw bad('it has no end.', 'Give endsAt.')
  if (endsAtMs < startsAtMs) throw bad('it ends before it starts.')
  return sets
}

const isTime = (atMs: number | undefined): atMs is number => atMs !== undefined && Number.isFinite(atMs)

function validateSet(set: readonly ApiMatcher[], index: number, count: number, mode: MatcherMode): LabelMatcher[] {
  const where = count === 1 ? '' : ` of set ${index + 1}`
  if (set.length === 0) throw bad(count === 1 ? 'it has no matchers.' : `set ${index + 1} has no matchers.`)
  const matchers = set.map((matcher, i) => {
    try {
      return validateMatcher(matcher, mode)
    } catch (error) {
      throw error instanceof AppError ? bad(`matcher ${i + 1}${where}: ${error.message}`) : error
    }
  })
  // one that all alerts match, those without the label too, would hide everything
  if (matchers.every((matcher) => matcher.matches('')))
    throw bad(`every matcher${where} matches the empty text.`, 'At least one must ask for something that an alert has.')
  return matchers
}

function bad(message: string, fix?: string): AppError {
  return new AppError('alerts.bad_silence', message, fix === undefined ? {} : { fix })
}

/** A silence matches when all matchers of any one set do. */
export function silenceMatches(sets: readonly (readonly LabelMatcher[])[], labels: Labels): boolean {
  return sets.some((set) => matchesLabels(set, labels))
}
