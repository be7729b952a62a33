// json: a text of JSON taken apart.
import { mergeFields } from '../event-time.ts'
import { ecsOf, type Filter, type FilterDefinition } from '../filter.ts'
import { parseJson } from '../json.ts'
import { isMap } from '../values.ts'

export const json: FilterDefinition = {
  name: 'json',
  compile(settings, context): Filter {
    settings.requiredText('source')
    const source = settings.field('source', 'message')
    const target = settings.optionalField('target')
    const failureTags = settings.texts('tag_on_failure', ['_jsonparsefailure'])
    const skips = settings.flag('skip_on_invalid_json', false)
    ecsOf(settings, context)
    return {
      failureTags,
      run(event) {
        const value = event.get(source)
        if (value === undefined || value === null) return false
        const parsed = typeof value === 'string' ? parseJson(value) : undefined
        const isUsable = parsed !== undefined && (target !== undefined || isMap(parsed.value))
        if (parsed === undefined || !isUsable) {
          // a list has no names to be put into the event
          if (parsed !== undefined || !skips) for (const tag of failureTags) event.tag(tag)
          return false
        }
        if (target !== undefined) event.set(target, parsed.value)
        else if (isMap(parsed.value)) mergeFields(event, parsed.value)
        return true
      },
    }
  },
}
