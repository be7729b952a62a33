// `route` and all below it as they are written; what is inherited comes in `build-route.ts`.
import { type Form, field, list, optional, StructForm } from '@tidewatch/yaml/form.ts'
import type { Complain } from '@tidewatch/yaml/place.ts'
import { duration, text, truth } from '@tidewatch/yaml/scalars.ts'
import type { LabelMatcher, MatcherMode } from '../port.ts'
import { labelNameForm, matchersForm, matchMap, matchReMap } from './matcher-forms.ts'

/** Routes in routes in routes. More is a mistake, or an alias that holds itself. */
const maxDepth = 100

export const groupByAll = '...'

/** A route as it is written; undefined is not given. */
export interface RouteValues {
  receiver: string
  group_by: string[] | undefined
  match: Map<string, string> | undefined
  match_re: Map<string, LabelMatcher | undefined> | undefined
  matchers: LabelMatcher[] | undefined
  mute_time_intervals: string[] | undefined
  active_time_intervals: string[] | undefined
  continue: boolean
  routes: RouteValues[] | undefined
  group_wait: number | undefined
  group_interval: number | undefined
  repeat_interval: number | undefined
}

export function routeForm(mode: MatcherMode): Form<RouteValues> {
  const below: Form<RouteValues> = {
    zero: () => whole.zero(),
    read(node, path, context) {
      // each level is two parts of the path: `routes` and its number
      if (path.length <= 2 * maxDepth) return whole.read(node, path, context)
      context.problem(node, path, `routes stand in one another more than ${maxDepth} deep.`)
      return undefined
    },
    isEmpty: (value) => whole.isEmpty(value),
    print: (value, isWhole) => whole.print(value, isWhole),
  }
  const whole: StructForm<ReturnType<typeof fieldsOf>> = new StructForm(fieldsOf(mode, below), { check })
  return below
}

const fieldsOf = (mode: MatcherMode, below: Form<RouteValues>) => ({
  receiver: field(text),
  group_by: field(list(labelNameForm(mode, [groupByAll]), { nullItem: 'there is no name here.' })),
  match: field(matchMap),
  match_re: field(matchReMap),
  matchers: field(matchersForm(mode)),
  mute_time_intervals: field(list(text)),
  active_time_intervals: field(list(text)),
  continue: field(truth),
  routes: field(list(below, { nullItem: 'this route is empty.' })),
  group_wait: field(optional(duration)),
  group_interval: field(optional(duration)),
  repeat_interval: field(optional(duration)),
})

function check(route: RouteValues, complain: Complain): void {
  const names = route.group_by ?? []
  const labels = names.filter((name) => name !== groupByAll)
  if (labels.length > 0 && labels.length < names.length)
    complain('group_by', `${groupByAll} means every label, and no other may stand beside it.`, 'Keep one of the two.')
  const twice = labels.find((name, i) => labels.indexOf(name) !== i)
  if (twice !== undefined) complain('group_by', `${JSON.stringify(twice)} stands here twice.`)
  for (const key of ['group_interval', 'repeat_interval'] as const)
    if (route[key] === 0) complain(key, 'cannot be zero.', 'Leave it out for what the route above has.')
}
