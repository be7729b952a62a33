// urldecode: `%20` and the like become what they stand for.
import type { LogEvent } from '../event.ts'
import { fieldPath } from '../field-path.ts'
import type { Filter, FilterDefinition } from '../filter.ts'
import { isMap, setKey, type Value, type ValueMap } from '../values.ts'

export const urldecode: FilterDefinition = {
  name: 'urldecode',
  compile(settings): Filter {
    const field = settings.field('field', 'message')
    const isAll = settings.flag('all_fields', false)
    settings.choice('charset', ['UTF-8'], 'UTF-8')
    const failureTags = settings.texts('tag_on_failure', ['_urldecodefailure'])
    return {
      failureTags,
      run(event) {
        if (isAll) decodeAll(event)
        else {
          const value = event.get(field)
          if (value !== undefined) event.set(field, decoded(value))
        }
        return true
      },
    }
  },
}

function decodeAll(event: LogEvent): void {
  for (const key of Object.keys(event.data))
    if (!key.startsWith('@')) event.set(fieldPath(key), decoded(event.data[key] as Value))
}

function decoded(value: Value): Value {
  if (typeof value === 'string') return value.includes('%') ? decodeText(value) : value
  if (Array.isArray(value)) return value.map(decoded)
  if (!isMap(value)) return value
  const result: ValueMap = {}
  for (const key of Object.keys(value)) setKey(result, key, decoded(value[key] as Value))
  return result
}

/** What is no code stays; bytes that are no UTF-8 become the sign for that. */
function decodeText(text: string): string {
  return text.replace(/(?:%[0-9a-fA-F]{2})+/g, (codes) =>
    new TextDecoder().decode(Uint8Array.from(codes.slice(1).split('%'), (code) => Number.parseInt(code, 16))),
  )
}
