// Places of secrets in a text, put together and taken out.
import { isKeyKind, type SecretKind } from './kinds.ts'

/** `start` to `end` (UTF-16) is a secret. */
export interface Span {
  readonly start: number
  readonly end: number
  readonly kind: SecretKind
}

/** What stands for a secret. Matches nothing that is looked for, so that a second run changes nothing. */
export const mark = (kind: SecretKind): string => `[redacted:${kind}]`

/** Spans in order without overlaps; what overlaps becomes one, of the graver kind. */
export function mergeSpans(spans: readonly Span[]): readonly Span[] {
  const merged: Span[] = []
  for (const span of spans.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const last = merged[merged.length - 1]
    if (last === undefined || span.start >= last.end) merged.push(span)
    else {
      const kind = isKeyKind(span.kind) && !isKeyKind(last.kind) ? span.kind : last.kind
      merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, span.end), kind }
    }
  }
  return merged
}

/** The text with marks in place of the spans, which are in order and do not overlap. */
export function cutOut(text: string, spans: readonly Span[]): string {
  let kept = ''
  let at = 0
  for (const { start, end, kind } of spans) {
    kept += text.slice(at, start) + mark(kind)
    at = end
  }
  return kept + text.slice(at)
}
