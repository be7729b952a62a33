// split: one event for each line of a text or element of a list.
import type { Filter, FilterDefinition } from '../filter.ts'
import { ecsOf } from '../filter.ts'
import type { Value } from '../values.ts'
import { splitText } from './mutate.ts'

export const split: FilterDefinition = {
  name: 'split',
  compile(settings, context): Filter {
    const field = settings.field('field', 'message')
    const target = settings.optionalField('target') ?? field
    const terminator = settings.text('terminator', '\n')
    ecsOf(settings, context)
    return {
      failureTags: ['_split_type_failure'],
      run(event) {
        const value = event.get(field)
        if (typeof value !== 'string' && !Array.isArray(value)) {
          event.tag('_split_type_failure')
          return false
        }
        const parts: Value[] = Array.isArray(value) ? value : splitText(value, terminator)
        const kept = parts.filter((part) => part !== null && part !== '')
        if (kept.length <= 1 && !Array.isArray(value)) {
          // one line: the event itself
          if (kept.length === 1) event.set(target, kept[0] as Value)
          return true
        }
        if (kept.length > context.budget.left) {
          event.tag('_split_limit_failure')
          return false
        }
        context.budget.left -= kept.length
        return kept.map((part) => {
          const copy = event.clone()
          copy.set(target, part)
          return copy
        })
      },
    }
  },
}
