// Matchers, and the older maps of names to values and to expressions.
import { AppError } from '@tidewatch/core/error.ts'
import { type Form, record } from '@tidewatch/yaml/form.ts'
import { checkedText, text } from '@tidewatch/yaml/scalars.ts'
import { isScalar, isSeq, type Node } from 'yaml'
import { isClassicLabelName, isLabelName } from '../label-name.ts'
import { compareMatchers, createMatcher, formatMatcher } from '../matcher.ts'
import { parseMatchers } from '../parse-matchers.ts'
import type { LabelMatcher, MatcherMode } from '../port.ts'

/** A list of texts with matchers in each. */
export function matchersForm(mode: MatcherMode): Form<LabelMatcher[] | undefined> {
  return {
    zero: () => undefined,
    read(node, path, context) {
      if (!isSeq(node)) {
        context.wrongType(node, path, 'a list of matchers')
        return undefined
      }
      const before = context.problems.length
      const matchers: LabelMatcher[] = []
      for (const [i, raw] of (node.items as (Node | null)[]).entries()) {
        const item = context.follow(raw, [...path, i])
        const written = item === null ? '' : text.read(item, [...path, i], context)
        if (written === undefined) continue
        try {
          matchers.push(...parseMatchers(isNullText(item) ? '' : written, mode))
        } catch (error) {
          if (!(error instanceof AppError)) throw error
          context.problem(item, [...path, i], error.message, error.fix)
        }
      }
      return context.problems.length > before ? undefined : matchers
    },
    isEmpty: (value) => value === undefined || value.length === 0,
    print: (value) => ({
      kind: 'list',
      items: (value ?? []).map((matcher) => ({ kind: 'text', text: formatMatcher(matcher) })),
      flow: false,
    }),
  }
}

const isNullText = (node: Node | null): boolean => isScalar(node) && node.value === null

const classicNameFault = (name: string): string | undefined =>
  isClassicLabelName(name)
    ? undefined
    : `${JSON.stringify(name)} is not a label name: letters, digits and _, no digit first. Other names stand in matchers.`

/** `match`: names of the older kind, whatever the mode. */
export const matchMap: Form<Map<string, string> | undefined> = record(text, classicNameFault)

/** Undefined: null, which Alertmanager refuses. */
const expression: Form<LabelMatcher | undefined> = {
  zero: () => undefined,
  read(node, path, context) {
    const source = text.read(node, path, context)
    if (source === undefined) return undefined
    try {
      return createMatcher('', '=~', source)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      context.problem(node, path, error.message)
      return undefined
    }
  },
  isEmpty: (value) => value === undefined,
  print: (value) => (value === undefined ? { kind: 'null' } : { kind: 'text', text: value.value }),
}

const expressions = record(expression, classicNameFault)

/** `match_re`. */
export const matchReMap: typeof expressions = {
  ...expressions,
  read(node, path, context) {
    const values = expressions.read(node, path, context)
    for (const [name, value] of values ?? [])
      if (value === undefined) {
        context.problem(
          node,
          [...path, name],
          'there is no expression.',
          'Write one, or "" for labels that are missing.',
        )
        return undefined
      }
    return values
  },
}

/** Alertmanager 0.33 writes an expression of `match_re` with its anchors, and a route's key with them. */
export function joinMatchers(
  match: ReadonlyMap<string, string> | undefined,
  matchRe: ReadonlyMap<string, LabelMatcher | undefined> | undefined,
  matchers: readonly LabelMatcher[] | undefined,
): LabelMatcher[] {
  const all = [...(matchers ?? [])]
  for (const [name, value] of match ?? []) all.push(createMatcher(name, '=', value))
  for (const [name, value] of matchRe ?? []) all.push(createMatcher(name, '=~', `^(?:${value?.value ?? ''})$`))
  return all.sort(compareMatchers)
}

/** The name of a label, in `group_by` and `equal`. */
export const labelNameForm = (mode: MatcherMode, also: readonly string[] = []): Form<string> =>
  checkedText((name) =>
    also.includes(name) || isLabelName(name, mode)
      ? undefined
      : `${JSON.stringify(name)} is not a label name${mode === 'classic' ? ' of classic mode: letters, digits and _' : ''}.`,
  )
