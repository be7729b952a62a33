// Templates, their worst level and their course as shapes, and what is new or unusual about them in words. No React here.
import type { Deploy } from '@tidewatch/api/deploys.ts'
import type { LogPatterns } from '@tidewatch/api/logs.ts'
import { formatMinute, type Zone } from '../../ui/times.ts'
import { formatNumber } from '../../ui/units.ts'
import { deployTitle } from './deploy-model.ts'

type Pattern = LogPatterns['patterns'][number]

/** `new`, or `new since shop 1.1`. */
export function newWords({ deployId }: Pick<Pattern, 'deployId'>, deploys: readonly Deploy[]): string {
  const deploy = deploys.find(({ id }) => id === deployId)
  return deploy === undefined ? 'new' : `new since ${deployTitle(deploy)}`
}

/** `90 lines 14:05 – 14:06, usually 3`. */
export function unusualWords(
  { startMs, endMs, expected, observed }: NonNullable<Pattern['unusual']>,
  zone: Zone,
): string {
  const when = `${formatMinute(startMs, zone)} – ${formatMinute(endMs, zone)}`
  return `${formatNumber(observed)} lines ${when}, usually ${formatNumber(expected)}`
}

export interface TemplatePart {
  readonly text: string
  /** What differs from line to line. */
  readonly isFree: boolean
  /** Where it stands in the template. */
  readonly at: number
}

export function templateParts(template: string): TemplatePart[] {
  return [...template.matchAll(/<\*>|(?:(?!<\*>)[\s\S])+/g)].map(({ 0: text, index }) => ({
    text,
    isFree: text === '<*>',
    at: index,
  }))
}

const worstFirst = ['fatal', 'error', 'warn'] as const

/** The worst level that lines of it have, where it is worth a look. */
export const worstLevel = (severities: Readonly<Record<string, number>>): string | undefined =>
  worstFirst.find((word) => (severities[word] ?? 0) > 0)

/** Bars from the foot, as one path; `height` is that of the highest. */
export function sparkPath(counts: readonly number[], height: number): string {
  const most = counts.reduce((max, count) => Math.max(max, count), 0)
  if (most === 0) return ''
  return counts
    .map((count, i) => {
      // what is there is seen, however little it is beside the rest
      const top = count === 0 ? 0 : Math.max(1, (count / most) * height)
      return count === 0 ? '' : `M${i + 0.1} ${height}v${-round(top)}h.8v${round(top)}z`
    })
    .join('')
}

const round = (value: number): number => Math.round(value * 100) / 100
